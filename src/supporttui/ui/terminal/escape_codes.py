"""The shortest escape codes for changing the pen (attributes and colours, as in libvterm) and for moving the cursor."""

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from rich.color import ColorSystem
    from rich.style import Style


ATTRIBUTE_ON: Final = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""The code that turns an attribute on, by its bit in Rich's styles."""
ATTRIBUTE_OFF: Final = ("22", "22", "23", "24", "25", "25", "27", "28", "29", "24", "54", "54", "55")
"""The code that turns it off; some turn off two."""
VISIBLE_ON_BLANKS: Final = sum(
    1 << ATTRIBUTE_ON.index(code) for code in ("4", "5", "6", "7", "9", "21", "51", "52", "53")
)
"""The attributes that are visible on blank cells."""

ENTER_ALTERNATE_SCREEN: Final = "\x1b[?1049h"


class Pen(NamedTuple):
    """The look of text: attributes as bits, the codes of both colours (empty: the terminal's own), and a link."""

    attributes: int = 0
    foreground: str = ""
    background: str = ""
    link: str = ""
    """The parameters and the address of a hyperlink, as in its escape sequence."""


PLAIN: Final = Pen()

COLOURS_OF_256: Final = 2
"""Rich's `ColorSystem.EIGHT_BIT`, as a number since Rich must not be imported this early."""


_CUBE_LEVELS: Final = (0, 95, 135, 175, 215, 255)
_FIRST_CUBE_COLOUR: Final = 16
_FIRST_GREY: Final = 232
_GREYS: Final = 24


class _AnsiColor(Protocol):
    @property
    def triplet(self) -> "tuple[int, int, int] | None": ...
    def downgrade(self, system: "ColorSystem") -> "_AnsiColor": ...
    def get_ansi_codes(self, foreground: bool = True) -> tuple[str, ...]: ...


REVERSE: Final = 1 << ATTRIBUTE_ON.index("7")


def pen_from_style(style: "Style | None", system: "ColorSystem | None", *, has_links: bool = True) -> Pen:
    """Return the pen of a style on a terminal with these colours.

    system: None sends no colour at all; text with a background of its own, such as a severity, is then reversed.
    """
    if style is None:
        return PLAIN
    attributes = style._attributes & style._set_attributes
    link = link_parameters(style._link) if style._link and has_links else ""
    if system is None:
        has_ground = style.bgcolor is not None and not style.bgcolor.is_default
        return Pen(attributes ^ REVERSE if has_ground else attributes, "", "", link)
    return Pen(
        attributes,
        _colour_codes(style.color, system, "39", is_foreground=True),
        _colour_codes(style.bgcolor, system, "49", is_foreground=False),
        link,
    )


LINKED_SCHEMES: Final = ("https://", "http://", "mailto:")
MAX_LINK: Final = 2000


def link_parameters(address: str) -> str:
    """Return the parameters and address of a hyperlink; empty for an address that must not be sent.

    The id is derived from the address, so that a terminal treats the parts of a wrapped one as one link.
    """
    if not address.startswith(LINKED_SCHEMES) or len(address) > MAX_LINK or not address.isascii():
        return ""
    if not address.isprintable() or " " in address:
        return ""
    from zlib import crc32  # not at start: the first picture has no links

    return f"id={crc32(address.encode()):x};{address}"


def _colour_codes(color: _AnsiColor | None, system: "ColorSystem", own: str, *, is_foreground: bool) -> str:
    if color is None:
        return ""
    if color.triplet is not None and system == COLOURS_OF_256:
        return f"{'38' if is_foreground else '48'};5;{nearest_of_256(*color.triplet)}"
    codes = ";".join(color.downgrade(system).get_ansi_codes(is_foreground))
    return "" if codes == own else codes


@lru_cache(maxsize=1024)
def nearest_of_256(red: int, green: int, blue: int) -> int:
    """Return the number of the nearest colour of the cube and the grey ramp.

    Rich uses the ramp for almost pure greys only, so that dark slates would become a saturated teal.
    """
    in_cube = (_nearest_level(red), _nearest_level(green), _nearest_level(blue))
    at_red, at_green, at_blue = map(_CUBE_LEVELS.index, in_cube)
    cube = _FIRST_CUBE_COLOUR + 36 * at_red + 6 * at_green + at_blue
    step = min(max(round(((red + green + blue) / 3 - 8) / 10), 0), _GREYS - 1)
    grey = 8 + 10 * step
    wanted = (red, green, blue)
    return _FIRST_GREY + step if _distance((grey, grey, grey), wanted) < _distance(in_cube, wanted) else cube


def _nearest_level(part: int) -> int:
    return min(_CUBE_LEVELS, key=lambda level: abs(level - part))


def _distance(one: tuple[int, int, int], other: tuple[int, int, int]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


@lru_cache(maxsize=4096)
def blank_pen(pen: Pen) -> Pen:
    """Return the part of a look that is visible on a blank cell."""
    return pen if pen.attributes & VISIBLE_ON_BLANKS else Pen(0, "", pen.background, pen.link)


@lru_cache(maxsize=4096)
def is_same_on_blank(pen: Pen, blank: Pen) -> bool:
    """Whether a blank written with this pen looks like `blank`, a result of `blank_pen`."""
    return blank_pen(pen) == blank


@lru_cache(maxsize=4096)
def nearest_blank_pen(pen: Pen, blank: Pen) -> Pen:
    """Return the pen for a blank of this look that takes the smallest change."""
    if blank.attributes:
        return blank
    return Pen(pen.attributes & ~VISIBLE_ON_BLANKS, pen.foreground, blank.background, blank.link)


@lru_cache(maxsize=8192)
def pen_change(old: Pen, new: Pen) -> str:
    """Return the shortest codes that change the terminal's pen from `old` to `new`."""
    if old == new:
        return ""
    link = "" if old.link == new.link else f"\x1b]8;{new.link or ';'}\x1b\\"
    if old[:3] == new[:3]:
        return link
    steps, afresh = ";".join(_changed_codes(old, new)), ";".join(_codes_after_reset(new))
    return f"{link}\x1b[{min(afresh, steps, key=len)}m"


def _changed_codes(old: Pen, new: Pen) -> list[str]:
    """The codes of the differences."""
    gone = {ATTRIBUTE_OFF[bit] for bit in _bits(old.attributes & ~new.attributes)}
    come = [
        ATTRIBUTE_ON[bit]
        for bit in _bits(new.attributes)
        if not old.attributes >> bit & 1 or ATTRIBUTE_OFF[bit] in gone
    ]
    codes = sorted(gone) + come
    if old.foreground != new.foreground:
        codes.append(new.foreground or "39")
    if old.background != new.background:
        codes.append(new.background or "49")
    return codes


def _codes_after_reset(new: Pen) -> list[str]:
    """The codes of the whole pen after a reset, which is the empty parameter."""
    codes = [ATTRIBUTE_ON[bit] for bit in _bits(new.attributes)]
    return ["", *codes, *(colour for colour in (new.foreground, new.background) if colour)]


def _bits(attributes: int) -> list[int]:
    return [bit for bit in range(len(ATTRIBUTE_ON)) if attributes >> bit & 1]


CSI = "\x1b["


@lru_cache(maxsize=16384)
def cursor_motion(y: int | None, x: int | None, to_y: int, to_x: int) -> str:
    """Return the codes that move the cursor; None is an unknown row or column. Both count from 0.

    Does not depend on margins or wrapping. A line feed only follows a carriage return, because a tty may add one.
    """
    ways = [absolute_motion(to_y, to_x)]
    if y is not None:
        downwards = to_y - y
        vertical = [_vertical(downwards)]
        if x is not None:
            ways += [way + _horizontal(x, to_x) for way in vertical]
        ways += [way + _from_margin(to_x) for way in vertical]
        if 0 < downwards <= 2:
            ways.append("\r" + "\n" * downwards + _rightwards(to_x))
    return min(ways, key=_bytes_on_wire)


def absolute_motion(to_y: int, to_x: int) -> str:
    """Return the sequence with the absolute position; a parameter of 1 is left out."""
    row = "" if to_y == 0 else str(to_y + 1)
    return f"{CSI}{row}H" if to_x == 0 else f"{CSI}{row};{to_x + 1}H"


def _vertical(downwards: int) -> str:
    if downwards == 0:
        return ""
    if downwards == 1:
        return "\x1bD"
    if downwards == -1:
        return "\x1bM"
    return f"{CSI}{downwards}B" if downwards > 0 else f"{CSI}{-downwards}A"


def _horizontal(x: int, to_x: int) -> str:
    if to_x >= x:
        return _rightwards(to_x - x)
    back = x - to_x
    return min("\b" * back, _counted(back, "D"), key=len)


def _from_margin(to_x: int) -> str:
    """Move to a column from an unknown column of the same row."""
    return min("\r" + _rightwards(to_x), _counted(to_x + 1, "G"), key=len)


def _rightwards(cells: int) -> str:
    return _counted(cells, "C") if cells else ""


def _counted(number: int, final: str) -> str:
    return f"{CSI}{final}" if number == 1 else f"{CSI}{number}{final}"


def _bytes_on_wire(way: str) -> int:
    """The size on the wire: the tty adds a carriage return before a line feed."""
    return len(way) + way.count("\n")
