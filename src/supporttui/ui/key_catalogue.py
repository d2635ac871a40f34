"""Collects every key binding that the screens and widgets declare."""

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module

from textual.binding import Binding, BindingType
from textual.dom import DOMNode

import supporttui.ui


def declared_bindings() -> Iterator[Binding]:
    """Yield the bindings of the app and of all screens, dialogs and widgets, one for each key.

    Imports the screens that were not opened yet.
    """
    for module in pkgutil.walk_packages(supporttui.ui.__path__, "supporttui.ui."):
        for owner in vars(import_module(module.name)).values():
            if inspect.isclass(owner) and owner.__module__ == module.name and issubclass(owner, DOMNode):
                declared: list[BindingType] = owner.__dict__.get("BINDINGS", [])
                yield from Binding.make_bindings(declared)
