"""`supporttui --profile-start`: how long each part of the start takes."""

import json
import os
import time
from collections import defaultdict
from pathlib import Path
from typing import Final

from supporttui.cli.exits import Exit
from supporttui.ui.startup.stopwatch import FIRST_PICTURE, Stopwatch

REPORT_TO: Final = "SUPPORTTUI_START_TO"
"""A file that gets the same as JSON, with the name of every module; for tests."""

_MOST_LINES: Final = 12


def print_profile(watch: Stopwatch) -> int:
    """Print the stretches of the start, and the packages whose imports took longest."""
    stretches = _stretches(watch)
    until_picture = [name for name, _ in stretches].index(FIRST_PICTURE) + 1
    picture_s = sum(took_s for _, took_s in stretches[:until_picture])
    whole_s = sum(took_s for _, took_s in stretches)
    print(f"from the start of the process to the first picture: {picture_s * 1e3:.0f} ms")
    print(f"until keys are answered: {whole_s * 1e3:.0f} ms")
    for name, took_s in stretches:
        print(f"{took_s * 1e3:8.1f} ms  until {name}")
    packages = _by_package(watch)
    early, all_of_them = len(watch.modules), len(watch.modules_when_ready)
    print(f"\nof these, imports ({early} modules until the first picture, {all_of_them} in all):")
    for name, (own_s, number) in packages[:_MOST_LINES]:
        print(f"{own_s * 1e3:8.1f} ms  {name} ({number})")
    rest = packages[_MOST_LINES:]
    if rest:
        print(f"{sum(own_s for _, (own_s, _) in rest) * 1e3:8.1f} ms  {len(rest)} more")
    if REPORT_TO in os.environ:
        told = {"modules": watch.modules, "modules when ready": watch.modules_when_ready, "stretches": dict(stretches)}
        Path(os.environ[REPORT_TO]).write_text(json.dumps(told), encoding="utf-8")
    return Exit.OK


def _stretches(watch: Stopwatch) -> list[tuple[str, float]]:
    """The milestones of the start, each with the time since the one before."""
    found, before = [("Python runs this program", _python_s(watch))], watch.began_at
    for name, at in watch.marks:
        found.append((name, at - before))
        before = at
    return found


def _python_s(watch: Stopwatch) -> float:
    """From the process's birth to our first line, by the kernel's clock: hundredths of a second."""
    try:
        ticks = int(Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19])
        alive_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError):
        return 0.0  # no Linux
    return max(0.0, alive_s - (time.perf_counter() - watch.began_at))


def _by_package(watch: Stopwatch) -> list[tuple[str, tuple[float, int]]]:
    """The imports by top-level package, the longest first."""
    found: dict[str, list[float]] = defaultdict(list)
    for each in watch.imports:
        found[each.name.partition(".")[0]].append(each.own_s)
    summed = [(name, (sum(spent), len(spent))) for name, spent in found.items()]
    return sorted(summed, key=lambda entry: entry[1][0], reverse=True)
