"""Textual's option list, input and text area, with binding ids for the user's keymap."""

from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList


def _quiet(id_: str, keys: str, action: str, description: str) -> Binding:
    return Binding(keys, action, description, show=False, id=id_)


TEXT_AREA_BINDINGS: Final[list[BindingType]] = [
    _quiet("text-left", "left", "cursor_left", "character left"),
    _quiet("text-right", "right", "cursor_right", "character right"),
    _quiet("text-up", "up", "cursor_up", "line up"),
    _quiet("text-down", "down", "cursor_down", "line down"),
    _quiet("text-word-left", "ctrl+left", "cursor_word_left", "word left"),
    _quiet("text-word-right", "ctrl+right", "cursor_word_right", "word right"),
    _quiet("text-line-start", "home,ctrl+a", "cursor_line_start", "start of the line"),
    _quiet("text-line-end", "end", "cursor_line_end", "end of the line"),
    _quiet("text-page-up", "pageup", "cursor_page_up", "page up"),
    _quiet("text-page-down", "pagedown", "cursor_page_down", "page down"),
    _quiet("text-select-left", "shift+left", "cursor_left(True)", "select to the left"),
    _quiet("text-select-right", "shift+right", "cursor_right(True)", "select to the right"),
    _quiet("text-select-up", "shift+up", "cursor_up(True)", "select a line up"),
    _quiet("text-select-down", "shift+down", "cursor_down(True)", "select a line down"),
    _quiet("text-select-word-left", "ctrl+shift+left", "cursor_word_left(True)", "select a word to the left"),
    _quiet("text-select-word-right", "ctrl+shift+right", "cursor_word_right(True)", "select a word to the right"),
    _quiet("text-select-line-start", "shift+home", "cursor_line_start(True)", "select to the start of the line"),
    _quiet("text-select-line-end", "shift+end", "cursor_line_end(True)", "select to the end of the line"),
    _quiet("text-select-line", "f6", "select_line", "select the line"),
    _quiet("text-select-all", "f7", "select_all", "select all"),
    _quiet("text-delete-left", "backspace", "delete_left", "delete to the left"),
    _quiet("text-delete-right", "delete,ctrl+d", "delete_right", "delete to the right"),
    _quiet("text-delete-word-left", "ctrl+w,alt+backspace", "delete_word_left", "delete the word before"),
    _quiet("text-delete-word-right", "alt+delete,ctrl+delete", "delete_word_right", "delete the word behind"),
    _quiet("text-delete-to-start", "ctrl+u", "delete_to_start_of_line", "delete to the start of the line"),
    _quiet("text-delete-to-end", "ctrl+k", "delete_to_end_of_line_or_delete_line", "delete to the end of the line"),
    _quiet("text-cut", "ctrl+x", "cut", "cut"),
    _quiet("text-copy", "ctrl+c", "copy", "copy"),
    _quiet("text-paste", "ctrl+v", "paste", "paste what was cut or copied here"),
    _quiet("text-undo", "ctrl+z", "undo", "take back typing"),
    _quiet("text-redo", "ctrl+y", "redo", "type it again"),
]
"""The keys of a text area."""


class TextInput(Input, inherit_bindings=False):
    """A one-line input."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _quiet("text-left", "left", "cursor_left", "character left"),
        _quiet("text-right", "right", "cursor_right", "character right"),
        _quiet("text-word-left", "ctrl+left", "cursor_left_word", "word left"),
        _quiet("text-word-right", "ctrl+right", "cursor_right_word", "word right"),
        _quiet("text-line-start", "home,ctrl+a", "home", "start of the line"),
        _quiet("text-line-end", "end", "end", "end of the line"),
        _quiet("text-select-left", "shift+left", "cursor_left(True)", "select to the left"),
        _quiet("text-select-right", "shift+right", "cursor_right(True)", "select to the right"),
        _quiet("text-select-word-left", "ctrl+shift+left", "cursor_left_word(True)", "select a word to the left"),
        _quiet("text-select-word-right", "ctrl+shift+right", "cursor_right_word(True)", "select a word to the right"),
        _quiet("text-select-line-start", "shift+home", "home(True)", "select to the start of the line"),
        _quiet("text-select-line-end", "shift+end", "end(True)", "select to the end of the line"),
        _quiet("text-select-all", "f7", "select_all", "select all"),
        _quiet("text-delete-left", "backspace", "delete_left", "delete to the left"),
        _quiet("text-delete-right", "delete,ctrl+d", "delete_right", "delete to the right"),
        _quiet("text-delete-word-left", "ctrl+w,alt+backspace", "delete_left_word", "delete the word before"),
        _quiet("text-delete-word-right", "alt+delete,ctrl+delete", "delete_right_word", "delete the word behind"),
        _quiet("text-delete-to-start", "ctrl+u", "delete_left_all", "delete to the start of the line"),
        _quiet("text-delete-to-end", "ctrl+k", "delete_right_all", "delete to the end of the line"),
        _quiet("text-cut", "ctrl+x", "cut", "cut"),
        _quiet("text-copy", "ctrl+c", "copy", "copy"),
        _quiet("text-paste", "ctrl+v", "paste", "paste what was cut or copied here"),
        _quiet("text-submit", "enter", "submit", "next field"),
    ]


class ChoiceList(OptionList, inherit_bindings=False):
    """A list of options."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _quiet("list-down", "down", "cursor_down", "down"),
        _quiet("list-up", "up", "cursor_up", "up"),
        _quiet("list-first", "home", "first", "first line"),
        _quiet("list-last", "end", "last", "last line"),
        _quiet("list-page-down", "pagedown", "page_down", "page down"),
        _quiet("list-page-up", "pageup", "page_up", "page up"),
        _quiet("list-choose", "enter", "select", "choose"),
    ]
