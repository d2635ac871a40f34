"""The base of all dialogs: their keys can be remapped, and a line of hints names them."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from textual.app import App
from textual.binding import BindingType
from textual.screen import ModalScreen

from supporttui.presentation.key_names import first_key, key_name
from supporttui.ui.terminal.binding_chain import COPY_SELECTION, BindingChain, keymapped_chain

Result = TypeVar("Result")


class DialogScreen(ModalScreen[Result], inherit_bindings=False):
    """A dialog over a screen. Its keys can be remapped like all others."""

    BINDINGS: ClassVar[list[BindingType]] = [COPY_SELECTION]

    lists_actions: ClassVar[bool] = False
    """Whether it is the palette or the list of keys, over which neither can be opened."""

    @property
    def _binding_chain(self) -> BindingChain:
        return keymapped_chain(self)


def binding_key(app: App[Any], id_: str) -> str:
    """Return the name of a binding's key for use in a sentence; the first one if it has several."""
    keymap: Mapping[str, str] = getattr(app, "keymap", {})
    return key_name(first_key(id_, keymap))


def choice_hints(screen: DialogScreen[Any], *hints: tuple[str, str]) -> str:
    """Return the keys of a dialog with a word for each, by binding id."""
    return " · ".join(f"{binding_key(screen.app, id_)} {word}" for id_, word in hints)
