"""The points at which a test can have the process end."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import supporttui
from supporttui.config.fault_points import FAULT_POINTS

SOURCES = Path(supporttui.__file__).parent
NAMES = re.compile(r'"([a-z ]+)"')


def named_in_source() -> set[str]:
    """Every point that some line of the product passes."""
    texts = [path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py") if path.name != "fault_points.py"]
    return {name for text in texts for name in NAMES.findall(text)} & set(FAULT_POINTS)


def run_to(name: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    passed = "fault_point('draft typed'); fault_point('ui decided'); fault_point('draft typed')"
    code = f"from supporttui.config.fault_points import fault_point; {passed}"
    settings = {**os.environ, "SUPPORTTUI_STOP_AT": name, **environ}
    return subprocess.run([sys.executable, "-c", code], env=settings, check=False)


def test_every_point_is_passed_somewhere() -> None:
    assert named_in_source() == set(FAULT_POINTS)
    assert len(FAULT_POINTS) == len(set(FAULT_POINTS)) >= 25


def test_nothing_happens_where_no_point_is_named() -> None:
    assert run_to("").returncode == 0


def test_the_process_is_killed_at_the_named_point(tmp_path: Path) -> None:
    record = tmp_path / "reached"
    done = run_to("ui decided", SUPPORTTUI_POINTS_TO=str(record))
    assert done.returncode == -signal.SIGKILL
    assert record.read_text() == "draft typed\nui decided\n"


def test_a_point_can_be_passed_a_few_times_first(tmp_path: Path) -> None:
    record = tmp_path / "reached"
    done = run_to("draft typed#2", SUPPORTTUI_POINTS_TO=str(record))
    assert done.returncode == -signal.SIGKILL
    assert record.read_text().count("draft typed") == 2
