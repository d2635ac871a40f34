"""Two runs of bench_terminal.py beside each other: python tests/bench/compare_terminal.py BEFORE.json AFTER.json"""

import json
import sys
from pathlib import Path
from typing import Any


def main(before_path: str, after_path: str) -> int:
    """Print every figure of both; exit code 1 where one that was within its limit no longer is."""
    before, after = (_rows(path) for path in (before_path, after_path))
    lost = []
    print(f"{'figure':<56} {'before':>12} {'after':>12} {'change':>9}")
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            print(f"{name:<56} {_number(old):>12} {_number(new):>12}")
            continue
        change = (new["measured"] / old["measured"] - 1) * 100 if old["measured"] else 0.0
        is_lost = old.get("ok", True) and not new.get("ok", True)
        lost += [name] if is_lost else []
        verdict = "  over its limit now" if is_lost else ""
        print(f"{name:<56} {_number(old):>12} {_number(new):>12} {change:>+8.1f}%{verdict}")
    return 1 if lost else 0


def _rows(path: str) -> dict[str, dict[str, Any]]:
    """The figures, the counted ones and those of the peers by name."""
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    rows = {row["name"]: row for row in told["figures"]}
    rows |= {name: {"measured": value} for name, value in told["counted"].items()}
    for peer, measured in told["peers"].items():
        rows |= {f"{peer}: {name}": {"measured": value} for name, value in measured.items() if value is not None}
    return rows


def _number(row: dict[str, Any] | None) -> str:
    return "-" if row is None else f"{row['measured']:,.1f}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
