"""What the proofs share: their size, and a way to print figures past pytest's capture."""

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import support.canary as canary

FIGURE = "figure"
IS_FULL = os.environ.get("SUPPORTTUI_PROOF") == "full"


@pytest.fixture
def full() -> bool:
    """Whether the sizes are those that are run once and reported, not those of every run."""
    return IS_FULL


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Note a line that is printed at the end of the run, also where workers share the proofs."""

    def say(line: str) -> None:
        request.node.user_properties.append((FIGURE, line))

    return say


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the proofs measured and counted."""
    for report in itertools.chain(*(terminalreporter.getreports(outcome) for outcome in ("passed", "failed"))):
        lines = [text for name, text in report.user_properties if name == FIGURE]
        if lines:
            terminalreporter.write_line(f"{report.nodeid} ({report.duration:.0f} s)")
        for line in lines:
            terminalreporter.write_line(f"    {line}")


@pytest.fixture
def quick_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the machine has one: thousands of full synchronisations measure the disk otherwise."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)
        canary.check_folder(Path(folder))
