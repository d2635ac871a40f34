"""How fast the terminal is: the product beside plain escape codes, minimal Textual apps and other programs.

    .venv/bin/python tests/bench/bench_terminal.py [--short | --quick] [--json FILE] [--check] [--record]

Prints every figure of the table with its limit and its ratio. The short form measures only what is counted (bytes,
modules, SQL statements), which is the same on every machine; `--check` fails where one of these is worse than in
recorded.json, and `--record` writes them there. In the long form `--check` also fails where a time is over its limit
that is held against the minimal Textual app in the same run; a time in itself is never a gate.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import Figure, plain, print_table, save, times
from bench.terminal_bytes import Pair, measure_bytes
from bench.terminal_counts import loaded_modules, measure_statements
from bench.terminal_times import Length, Times

RECORDED: Final = Path(__file__).with_name("recorded.json")


def main() -> int:
    """Measure; exit code 1 where `--check` finds something worse."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--short", action="store_true", help="only what is counted; under a minute")
    reader.add_argument("--quick", action="store_true", help="the long form with fewer repetitions")
    reader.add_argument("--json", type=Path, help="write the run to a file")
    reader.add_argument("--check", action="store_true", help="fail where a figure is worse than recorded")
    reader.add_argument("--record", action="store_true", help="record the counted figures")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="stui-bench-") as scratch:
        return _measure(Path(scratch), asked)


def _measure(folder: Path, asked: argparse.Namespace) -> int:
    sent = measure_bytes(folder / "bytes")
    counted = {f"bytes: {name}": round(pair.sent, 1) for name, pair in sent.items()}
    counted["modules before the first picture"] = len(loaded_modules(folder / "modules"))
    counted |= measure_statements(folder / "statements")
    figures, peers, extra = list(_byte_figures(sent)), {}, {}
    if not asked.short:
        length = Length(starts=3, rounds=1, keys=20, keys_in_view=40, slow_line_s=60) if asked.quick else Length()
        run = Times(folder, length, lambda sentence: print(sentence, flush=True))
        figures += run.measure()
        peers, extra = run.peers, run.extra
    print_table(figures)
    for name, value in (counted | extra).items():
        print(f"{name:<60} {value:>12,.1f}")
    if asked.json:
        save(asked.json, figures, counted | extra, peers)
    if asked.record:
        RECORDED.write_text(json.dumps(counted, indent=1) + "\n", encoding="utf-8")
    return _check(counted, figures) if asked.check else 0


def _byte_figures(sent: Mapping[str, Pair]) -> list[Figure]:
    def beside(name: str, key: str, most: float, against: str) -> Figure:
        return times(name, sent[key].sent, "B", most, sent[key].floor, against)

    return [
        beside("idle bytes/s, four in five over an hour", "idle, hours", 1.3, "raw escape codes"),
        beside("idle bytes/s, every clock in its last hour", "idle, last-hour", 1.5, "raw escape codes"),
        beside("bytes to the first complete screen", "first screen", 2.0, "raw escape codes"),
        beside("bytes for one scrolled line", "scrolled line", 1.0, "raw codes repainting the list"),
        plain("moving the cursor in view, 16 colours", sent["cursor, 16 colours"].sent, "B", 120.0),
    ]


def _check(counted: Mapping[str, float], figures: Iterable[Figure]) -> int:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    worse = [name for name, value in counted.items() if name not in recorded or value > recorded[name]]
    for name in worse:
        print(f"WORSE: {name} is {counted[name]:,.1f}, recorded {recorded.get(name, 'never')}; say why and --record it")
    over = [figure for figure in figures if figure.is_gated and not figure.is_fine]
    for figure in over:
        print(f"OVER: {figure.name} is {figure.measured:,.1f} {figure.unit}, at most {figure.limit:,.1f}")
    return 1 if worse or over else 0


if __name__ == "__main__":
    sys.exit(main())
