"""How a cell looks, by what is really sent to the terminal for it, and the codes from one look to another."""

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from rich.color import ColorSystem
    from rich.style import Style

ON: Final = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""The code that turns an attribute on, by its bit in Rich's styles."""
OFF: Final = ("22", "22", "23", "24", "25", "25", "27", "28", "29", "24", "54", "54", "55")
"""The code that turns it off; some turn off two."""
SEEN_ON_BLANKS: Final = sum(1 << ON.index(code) for code in ("4", "5", "6", "7", "9", "21", "51", "52", "53"))
"""The attributes that are seen where nothing is written."""


class Pen(NamedTuple):
    """A look: the attributes as bits, the codes of both colours (empty: the terminal's own), and a link."""

    attributes: int = 0
    foreground: str = ""
    background: str = ""
    link: str = ""
    """The parameters and the address of a hyperlink, as they stand in its sequence."""


PLAIN: Final = Pen()


class _Coloured(Protocol):
    def downgrade(self, system: "ColorSystem") -> "_Coloured": ...
    def get_ansi_codes(self, foreground: bool = True) -> tuple[str, ...]: ...


def pen_of(style: "Style | None", system: "ColorSystem") -> Pen:
    """What is sent for a style on a terminal with these colours."""
    if style is None:
        return PLAIN
    return Pen(
        style._attributes & style._set_attributes,
        _codes(style.color, system, "39", is_foreground=True),
        _codes(style.bgcolor, system, "49", is_foreground=False),
        f"id={style._link_id};{style._link}" if style._link else "",
    )


def _codes(color: _Coloured | None, system: "ColorSystem", own: str, *, is_foreground: bool) -> str:
    if color is None:
        return ""
    codes = ";".join(color.downgrade(system).get_ansi_codes(is_foreground))
    return "" if codes == own else codes


@lru_cache(maxsize=4096)
def on_blank(pen: Pen) -> Pen:
    """What of a look is seen on a cell without a character."""
    return pen if pen.attributes & SEEN_ON_BLANKS else Pen(0, "", pen.background, pen.link)


@lru_cache(maxsize=4096)
def shows_blank(pen: Pen, blank: Pen) -> bool:
    """Whether a blank written with this pen looks like `blank`, which is itself what `on_blank` gives."""
    return on_blank(pen) == blank


@lru_cache(maxsize=4096)
def nearest_for_blank(pen: Pen, blank: Pen) -> Pen:
    """The pen to change to so that a blank looks as wanted, with as little changed as possible."""
    if blank.attributes:
        return blank
    return Pen(pen.attributes & ~SEEN_ON_BLANKS, pen.foreground, blank.background, blank.link)


@lru_cache(maxsize=8192)
def change(old: Pen, new: Pen) -> str:
    """The shortest codes that make the terminal write with `new` where it wrote with `old`."""
    if old == new:
        return ""
    link = "" if old.link == new.link else f"\x1b]8;{new.link or ';'}\x1b\\"
    if old[:3] == new[:3]:
        return link
    steps, afresh = ";".join(_steps(old, new)), ";".join(_afresh(new))
    return f"{link}\x1b[{min(afresh, steps, key=len)}m"


def _steps(old: Pen, new: Pen) -> list[str]:
    """The codes of what is different."""
    gone = {OFF[bit] for bit in _bits(old.attributes & ~new.attributes)}
    come = [ON[bit] for bit in _bits(new.attributes) if not old.attributes >> bit & 1 or OFF[bit] in gone]
    codes = sorted(gone) + come
    if old.foreground != new.foreground:
        codes.append(new.foreground or "39")
    if old.background != new.background:
        codes.append(new.background or "49")
    return codes


def _afresh(new: Pen) -> list[str]:
    """The codes of all of it, after a reset; the reset is the empty parameter."""
    codes = [ON[bit] for bit in _bits(new.attributes)]
    return ["", *codes, *(colour for colour in (new.foreground, new.background) if colour)]


def _bits(attributes: int) -> list[int]:
    return [bit for bit in range(len(ON)) if attributes >> bit & 1]
