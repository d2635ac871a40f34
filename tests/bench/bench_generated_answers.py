"""Each field of each kind of answer is changed in turn: what else is lost by it, and which sentences are wrong.

    .venv/bin/python tests/bench/bench_generated_answers.py [KIND ...]

A table with one line a kind of answer. The exit code is 1 where anything is lost or wrong.
"""

import asyncio
import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.desks.answer_kinds import CASES
from support.desks.generated_answers import read_all
from support.desks.sample_answers import OneOddAnswer
from support.desks.scripted_server import serve_script


def main(names: list[str]) -> int:
    """Print the table, and below it what is lost or wrong."""
    logging.disable(logging.CRITICAL)
    total, findings = [0, 0, 0, 0], list[str]()
    print(f"{'kind of answer':24} {'fields':>8} {'answers':>8} {'neighbours lost':>16} {'wrong sentences':>16}")
    for name in names or list(CASES):
        script = OneOddAnswer()
        with serve_script(script) as server:
            count = asyncio.run(read_all(server.url, script, name))
        figures = [count.fields, count.answers, len(count.lost), len(count.wrong)]
        total = [one + other for one, other in zip(total, figures, strict=True)]
        findings += [f"{name}: {each}" for each in (*count.lost, *count.wrong)]
        print(_line(name, figures), flush=True)
    print(_line("all", total))
    print("\n".join(findings[:100]), end="\n" if findings else "")
    return int(bool(findings))


def _line(name: str, figures: list[int]) -> str:
    fields, answers, lost, wrong = figures
    return f"{name:24} {fields:8,} {answers:8,} {lost:16,} {wrong:16,}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
