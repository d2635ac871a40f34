"""What the proofs share: their size, and a way to print figures past pytest's capture."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

IS_FULL = os.environ.get("SUPPORTTUI_PROOF") == "full"


@pytest.fixture
def full() -> bool:
    """Whether the sizes are those that are run once and reported, not those of every run."""
    return IS_FULL


@pytest.fixture
def figures(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a line that shows up in the run."""

    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n    {line}", end="", flush=True)

    return say


@pytest.fixture
def quick_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the machine has one: thousands of full synchronisations measure the disk otherwise."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)
