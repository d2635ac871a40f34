"""What all dialogs have in common: their keys are the user's, and they say which they are."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from textual.app import App
from textual.binding import BindingType
from textual.screen import ModalScreen

from supporttui.presentation.key_names import first_key, key_name
from supporttui.ui.terminal.binding_chain import COPY_SELECTION, BindingChain, keymapped_chain

Result = TypeVar("Result")


class DialogScreen(ModalScreen[Result], inherit_bindings=False):
    """A question over a screen. Its keys can be remapped as all others can."""

    BINDINGS: ClassVar[list[BindingType]] = [COPY_SELECTION]

    lists_actions: ClassVar[bool] = False
    """Whether it is the palette or the list of keys: neither of them opens over it."""

    @property
    def _binding_chain(self) -> BindingChain:
        return keymapped_chain(self)


def binding_key(app: App[Any], id_: str) -> str:
    """The key of a binding as a sentence names it; of several the first."""
    keymap: Mapping[str, str] = getattr(app, "keymap", {})
    return key_name(first_key(id_, keymap))


def choice_hints(screen: DialogScreen[Any], *hints: tuple[str, str]) -> str:
    """The keys of a dialog with a word for each, by the ids of its bindings."""
    return " · ".join(f"{binding_key(screen.app, id_)} {word}" for id_, word in hints)
