"""The table of what the terminal must show: each figure, what was measured, what it is held against, and the limit."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One row."""

    name: str
    measured: float
    unit: str
    limit: float
    """What may be measured at most, in the figure's own unit: where there is a floor, a multiple of it."""
    against: str
    """What it is held against."""
    floor: float | None = None
    is_gated: bool = False
    """`--check` fails where it is over its limit: the limit is taken in the same run, not on another machine."""

    @property
    def ratio(self) -> float:
        """How many times the floor it is, or how much of the limit where there is none."""
        under = self.floor if self.floor is not None else self.limit
        return self.measured / under if under else float("inf")

    @property
    def is_fine(self) -> bool:
        """Whether it stays within its limit."""
        return self.measured <= self.limit


def times(name: str, measured: float, unit: str, most: float, floor: float, against: str) -> Figure:
    """A figure that may be so many times its floor."""
    return Figure(name, measured, unit, most * floor, f"{most:g} times {against}", floor)


def plain(name: str, measured: float, unit: str, limit: float, against: str = "") -> Figure:
    """A figure with a limit of its own."""
    return Figure(name, measured, unit, limit, against)


def gated(figure: Figure) -> Figure:
    """The same figure as one that `--check` holds to its limit."""
    return replace(figure, is_gated=True)


def print_table(figures: Iterable[Figure]) -> None:
    """The rows, one a line."""
    print(f"\n{'figure':<52} {'measured':>14} {'limit':>12} {'ratio':>7}      held against")
    for each in figures:
        verdict = "ok" if each.is_fine else "OVER"
        print(
            f"{each.name:<52} {each.measured:>10,.1f} {each.unit:<3} {each.limit:>12,.1f} {each.ratio:>7.2f} "
            f"{verdict:<4} {each.against}"
        )


def save(path: Path, figures: Iterable[Figure], counted: Mapping[str, float], peers: Mapping[str, object]) -> None:
    """Write a run as JSON."""
    rows = [asdict(each) | {"ratio": round(each.ratio, 3), "ok": each.is_fine} for each in figures]
    told = {"figures": rows, "counted": dict(counted), "peers": dict(peers)}
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
