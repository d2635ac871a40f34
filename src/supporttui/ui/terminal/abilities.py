"""What a terminal can do beyond what all can."""

import contextlib
import sys

import msgspec


class Abilities(msgspec.Struct, frozen=True):
    """Only what is known for certain; without it the picture is the same and takes more bytes."""

    has_bce: bool = False
    """An erasure leaves the background colour that is set, and not the terminal's own."""
    can_scroll: bool = False
    """Lines are deleted and inserted between margins."""


def colours_of(term: str) -> int:
    """How many colours the terminal's description says it has; 0 where there is none."""
    with contextlib.suppress(ImportError):
        import _curses

        with contextlib.suppress(_curses.error):
            _curses.setupterm(term, sys.__stdout__.fileno() if sys.__stdout__ else 1)
            return max(0, _curses.tigetnum("colors"))
    return 0


def abilities_of(term: str, fd: int) -> Abilities:
    """What the terminal's description says; nothing where there is none."""
    with contextlib.suppress(ImportError):
        import _curses

        with contextlib.suppress(_curses.error):
            _curses.setupterm(term, fd)
            has_bce = _curses.tigetflag("bce") == 1
            can_scroll = all(_curses.tigetstr(name) for name in ("csr", "dl", "il"))
            return Abilities(has_bce=has_bce, can_scroll=can_scroll)
    return Abilities()
