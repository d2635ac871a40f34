"""Which key bindings there are, by the ids of `[keys]`, and which of them are active at the same time.

The screens declare the bindings; this is the same list without Textual, so that `[keys]` is checked before its import.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

DEFAULT_KEYS: Final[Mapping[str, str]] = {
    "app-help": "question_mark",
    "app-undo": "u",
    "app-outbox": "O",
    "app-quit": "q",
    "app-stop": "ctrl+z",
    "app-commands": "ctrl+p",
    "app-interrupt": "ctrl+c",
    "app-redraw": "ctrl+l",
    "board-pane-left": "left,h",
    "board-pane-right": "right,l",
    "board-pane-next": "tab",
    "board-pane-previous": "shift+tab",
    "board-pane-1": "1",
    "board-pane-2": "2",
    "board-pane-3": "3",
    "board-pane-4": "4",
    "board-pane-5": "5",
    "board-open-ticket": "enter",
    "board-reply": "r",
    "board-note": "i",
    "board-move": "m",
    "board-assign-me": "a",
    "board-new-ticket": "N",
    "board-go-to": "g",
    "board-what-first": "t",
    "board-mine": "f",
    "board-density": "d",
    "board-freeze": "z",
    "board-filter": "slash",
    "board-filter-off": "escape",
    "board-customer": "c",
    "board-views": "v",
    "board-view-1": "f2",
    "board-view-2": "f3",
    "board-view-3": "f4",
    "board-view-4": "f5",
    "board-view-5": "f6",
    "board-view-6": "f7",
    "board-view-7": "f8",
    "board-view-8": "f9",
    "board-group": "b",
    "board-fold": "minus",
    "board-fold-all": "underscore",
    "board-sort": "s",
    "board-refresh": "R",
    "board-preview": "w",
    "board-preview-down": "shift+down,ctrl+e",
    "board-preview-up": "shift+up,ctrl+y",
    "board-preview-page-down": "right_square_bracket",
    "board-preview-page-up": "left_square_bracket",
    "board-cursor-up": "up,k",
    "board-cursor-down": "down,j",
    "board-page-up": "pageup,ctrl+u",
    "board-page-down": "pagedown,ctrl+d",
    "board-cursor-first": "home",
    "board-cursor-last": "end,G",
    "ticket-back": "escape",
    "ticket-next": "J",
    "ticket-previous": "K",
    "ticket-reply": "r",
    "ticket-note": "i",
    "ticket-move": "m",
    "ticket-assign-me": "a",
    "ticket-severity": "S",
    "ticket-files": "o",
    "ticket-links": "L",
    "ticket-copy": "y",
    "ticket-older": "H",
    "ticket-why": "t",
    "ticket-properties": "p",
    "ticket-retry": "R",
    "ticket-edit-unsent": "E",
    "ticket-discard-unsent": "X",
    "conversation-down": "down,j",
    "conversation-up": "up,k",
    "conversation-page-down": "pagedown,space",
    "conversation-page-up": "pageup",
    "conversation-start": "home",
    "conversation-end": "end,G",
    "panel-down": "down,j",
    "panel-up": "up,k",
    "panel-page-down": "pagedown,space",
    "panel-page-up": "pageup",
    "composer-send": "ctrl+s",
    "composer-status": "ctrl+t",
    "composer-kind": "ctrl+o",
    "composer-attach": "ctrl+g",
    "composer-detach": "ctrl+r",
    "composer-editor": "ctrl+e",
    "composer-leave": "escape",
    "composer-indent": "tab",
    "composer-stay": "shift+tab",
    "new-ticket-send": "ctrl+s",
    "new-ticket-leave": "escape,q",
    "new-ticket-clear": "ctrl+n",
    "files-remove": "ctrl+r",
    "files-complete": "tab",
    "severity-1": "1",
    "severity-2": "2",
    "severity-3": "3",
    "severity-4": "4",
    "severity-next": "down,right,j,l",
    "severity-finish": "enter",
    "severity-previous": "up,left,k,h",
    "severity-close": "escape,q",
    "agenda-down": "down,j",
    "agenda-up": "up,k",
    "agenda-open": "enter",
    "agenda-leave": "escape,t,q",
    "help-close": "escape,question_mark,q",
    "help-down": "j,down",
    "help-up": "k,up",
    "move-to-open": "o",
    "move-to-awaiting-reply": "w",
    "move-to-on-hold": "h",
    "move-to-closed": "c",
    "move-stay": "escape,m,q",
    "outbox-close": "escape,O,q",
    "outbox-next": "j",
    "outbox-previous": "k",
    "attachments-close": "escape,o,q",
    "attachments-next": "j",
    "attachments-previous": "k",
    "links-close": "escape,L,q",
    "links-next": "j",
    "links-previous": "k",
    "links-copy": "y",
    "commands-down": "down,ctrl+n",
    "commands-up": "up",
    "commands-run": "enter",
    "commands-rub-out": "backspace",
    "commands-leave": "escape,ctrl+p",
    "go-to-rub-out": "backspace",
    "go-to-go": "enter",
    "go-to-leave": "escape",
    "choice-down": "down,ctrl+n",
    "choice-up": "up",
    "choice-take": "enter",
    "choice-rub-out": "backspace",
    "choice-leave": "escape",
    "filter-keep": "enter",
    "filter-leave": "escape",
    "filter-complete": "tab",
    "filter-complete-back": "shift+tab",
    "filter-earlier": "up",
    "filter-later": "down",
    "filter-left": "left",
    "filter-right": "right",
    "filter-word-left": "ctrl+left",
    "filter-word-right": "ctrl+right",
    "filter-start": "home,ctrl+a",
    "filter-end": "end,ctrl+e",
    "filter-rub-out": "backspace",
    "filter-delete": "delete,ctrl+d",
    "filter-rub-out-word": "ctrl+w,alt+backspace",
    "filter-rub-out-line": "ctrl+u",
    "filter-delete-rest": "ctrl+k",
}
"""The keys of each binding unless `[keys]` names others, with commas between them."""

_EDITING_KEYS: Final = frozenset(
    (
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "backspace", "delete", "enter"),
        *("ctrl+left", "ctrl+right", "ctrl+shift+left", "ctrl+shift+right", "shift+home", "shift+end"),
        *("shift+up", "shift+down", "shift+left", "shift+right", "f5", "f6", "f7", "ctrl+a", "ctrl+e"),
        *("ctrl+w", "ctrl+d", "ctrl+x", "ctrl+v", "ctrl+u", "ctrl+k", "ctrl+f", "ctrl+z", "ctrl+y"),
        *("alt+backspace", "alt+delete", "ctrl+c", "space"),
    )
)
_LIST_KEYS: Final = frozenset({"up", "down", "home", "end", "pageup", "pagedown", "enter"})
_LEAVING_KEYS: Final = frozenset({"ctrl+q"})


class KeyContext(msgspec.Struct, frozen=True):
    """Bindings that are active together: no two of them may have the same key."""

    name: str
    """As in `on the board`."""
    prefixes: tuple[str, ...]
    """The beginnings of the ids of its bindings."""
    left_out: tuple[str, ...] = ()
    """The beginnings of ids that are not among them, though they have such a prefix."""
    reserved: frozenset[str] = _LEAVING_KEYS
    """Keys that the widgets in it need themselves."""
    takes_text: bool = False
    """Whether characters are typed there."""

    def holds(self, id: str) -> bool:
        """Whether a binding is active there."""
        return id.startswith(self.prefixes) and not (self.left_out and id.startswith(self.left_out))


CONTEXTS: Final = (
    KeyContext("on the board", ("app-", "board-")),
    KeyContext("on a ticket", ("app-", "ticket-", "conversation-")),
    KeyContext("in the panel of a ticket", ("app-", "ticket-", "panel-")),
    KeyContext("while writing", ("composer-", "app-commands"), reserved=_LEAVING_KEYS | _EDITING_KEYS, takes_text=True),
    KeyContext(
        "in the form for a new ticket",
        ("new-ticket-", "files-", "app-commands"),
        reserved=_LEAVING_KEYS | _EDITING_KEYS,
        takes_text=True,
    ),
    KeyContext(
        "in the form for a new ticket", ("app-", "new-ticket-", "severity-"), left_out=("app-quit", "severity-close")
    ),
    KeyContext("where a severity is chosen", ("severity-",)),
    KeyContext("in the list of what to do first", ("agenda-",)),
    KeyContext("in the list of keys", ("help-",)),
    KeyContext("where a status is chosen", ("move-",)),
    KeyContext("in the outbox", ("outbox-",), reserved=_LEAVING_KEYS | _LIST_KEYS),
    KeyContext("in the list of files", ("attachments-",), reserved=_LEAVING_KEYS | _LIST_KEYS),
    KeyContext("in the list of links", ("links-",), reserved=_LEAVING_KEYS | _LIST_KEYS),
    KeyContext("in the list of commands", ("commands-",), takes_text=True),
    KeyContext("where a number is typed", ("go-to-",), takes_text=True),
    KeyContext("where one of several is chosen", ("choice-",), takes_text=True),
    KeyContext("where a filter is typed", ("filter-",), takes_text=True),
)
"""Everything that is active together. While something is typed, the app's own keys are not: they are text there."""
