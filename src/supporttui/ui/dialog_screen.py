"""What all dialogs have in common: their keys are the user's, they say which they are, and some take characters."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from textual import events
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

    takes_characters: ClassVar[bool] = False
    """Whether one types here. The screen itself takes the characters, so that those typed ahead of it are not lost."""

    @property
    def _binding_chain(self) -> BindingChain:
        return keymapped_chain(self)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Characters are typed here, where that is so."""
        return self.takes_characters and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Take a character."""
        if event.character is not None and self.check_consume_key(event.key, event.character):
            event.stop()
            event.prevent_default()
            self.take_character(event.character)

    def take_character(self, character: str) -> None:
        """A character was typed; comes only to a dialog that takes them."""


def binding_key(app: App[Any], id_: str) -> str:
    """Return the name of a binding's key for use in a sentence; the first one if it has several."""
    keymap: Mapping[str, str] = getattr(app, "keymap", {})
    return key_name(first_key(id_, keymap))


def choice_hints(screen: DialogScreen[Any], *hints: tuple[str, str]) -> str:
    """Return the keys of a dialog with a word for each, by binding id."""
    return " · ".join(f"{binding_key(screen.app, id_)} {word}" for id_, word in hints)
