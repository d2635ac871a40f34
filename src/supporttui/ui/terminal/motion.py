"""The shortest way for the terminal's cursor from one cell to another."""

from functools import lru_cache

CSI = "\x1b["


@lru_cache(maxsize=16384)
def motion(y: int | None, x: int | None, to_y: int, to_x: int) -> str:
    """What moves the cursor; None is where it is not known. Rows and columns count from 0.

    Nothing here rests on margins or on wrapping; the line feed follows a carriage return, because a tty may add one.
    """
    ways = [absolute(to_y, to_x)]
    if y is not None:
        downwards = to_y - y
        vertical = [_vertical(downwards)]
        if x is not None:
            ways += [way + _horizontal(x, to_x) for way in vertical]
        ways += [way + _from_margin(to_x) for way in vertical]
        if 0 < downwards <= 2:
            ways.append("\r" + "\n" * downwards + _rightwards(to_x))
    return min(ways, key=_cost)


def absolute(to_y: int, to_x: int) -> str:
    """The sequence that names the cell; a parameter of 1 is left out."""
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
    """To a column from wherever the cursor is in its row."""
    return min("\r" + _rightwards(to_x), _counted(to_x + 1, "G"), key=len)


def _rightwards(cells: int) -> str:
    return _counted(cells, "C") if cells else ""


def _counted(number: int, final: str) -> str:
    return f"{CSI}{final}" if number == 1 else f"{CSI}{number}{final}"


def _cost(way: str) -> int:
    """Bytes on the wire: the tty puts a carriage return before a line feed."""
    return len(way) + way.count("\n")
