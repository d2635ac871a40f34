"""Runs with the whole suite: marks every token, and fails the test after which one lies where it must not.

Looked through are the files that a test leaves, whatever its terminals and commands printed, and its captured output
and log; at the end of the session, every file that came later or belongs to no single test.
"""

import os
import stat
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

import support.canary as canary
from support.canary_site import sitecustomize

SITE = Path(sitecustomize.__file__).parent
NAME = "canary"


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch, for the whole suite or where `-p canary_watch` asks for it."""
    if not config.pluginmanager.has_plugin(NAME):
        config.pluginmanager.register(CanaryPlugin(config), NAME)


class CanaryPlugin:
    """What pytest tells of one process of the session."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._searched = canary.SearchResult()
        self._seen: dict[Path, tuple[int, int]] = {}
        self._spent_s = 0.0
        self._is_worker = hasattr(config, "workerinput")
        self._count = Path(os.environ[sitecustomize.COUNT]) if self._is_worker else _new_count()
        if str(SITE) not in sys.path:
            sys.path.insert(0, str(SITE))
            os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SITE), os.environ.get("PYTHONPATH", "")]))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """When all that the test used was closed."""
        result = yield
        looked = canary.take_captured()
        for _when, name, text in item._report_sections:
            canary.check_text(f"its captured {name}", text)
        looked.add(canary.take_captured())
        folder = getattr(item, "funcargs", {}).get("tmp_path")
        if folder is not None:
            self._look_below(folder, looked)
        self._searched.add(looked)
        if looked.found:
            pytest.fail("\n".join(map(str, looked.found)), pytrace=False)
        return result

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Look at what is left, and hand it to whoever started this process."""
        looked = canary.take_captured()
        factory = self._config._tmp_path_factory  # type: ignore[attr-defined] # pytest has no public way to the folder
        if factory._basetemp is not None:
            self._look_below(factory._basetemp, looked)
        self._searched.add(looked)
        if self._is_worker:
            self._config.workeroutput[NAME] = _serialised(self._searched, self._spent_s)  # type: ignore[attr-defined] # xdist's
        elif self._searched.found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of xdist has searched."""
        reported = getattr(node, "workeroutput", {}).get(NAME)
        if reported is not None:
            files, size_bytes, texts, found, spent_s = reported
            self._searched.add(
                canary.SearchResult(files, size_bytes, texts, [canary.LeakedSecret(*each) for each in found])
            )
            self._spent_s += spent_s

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was searched; and what was found, which nobody may overlook."""
        searched = self._searched
        terminalreporter.write_line(
            f"canary: {self._made()} tokens made; searched {searched.files} files and {searched.texts} outputs, "
            f"{searched.size_bytes / 2**20:.0f} MB in {self._spent_s:.1f} s; "
            f"{len(searched.found)} found outside their own store"
        )
        for each in searched.found:
            terminalreporter.write_line(f"    {each}")

    def pytest_unconfigure(self) -> None:
        """Leave nothing behind."""
        if not self._is_worker:
            self._count.unlink(missing_ok=True)

    def _made(self) -> int:
        return self._count.stat().st_size if self._count.exists() else 0

    def _look_below(self, folder: Path, looked: canary.SearchResult) -> None:
        """Search the files there that are new, or were changed since they were searched."""
        began = time.monotonic()
        for parent, _folders, names in os.walk(folder):
            for path in (Path(parent, name) for name in names):
                try:
                    found = path.lstat()
                    if stat.S_ISREG(found.st_mode) and self._seen.get(path) != (found.st_mtime_ns, found.st_size):
                        self._seen[path] = (found.st_mtime_ns, found.st_size)
                        looked.add(canary.search_file(path))
                except FileNotFoundError:
                    continue  # a desk that leaves takes its socket and its lock with it
        self._spent_s += time.monotonic() - began


def _new_count() -> Path:
    """The file in which every process notes the tokens that it makes."""
    descriptor, name = tempfile.mkstemp(prefix="canaries-")
    os.close(descriptor)
    os.environ[sitecustomize.COUNT] = name
    return Path(name)


def _serialised(searched: canary.SearchResult, spent_s: float) -> tuple[int, int, int, list[tuple[str, str]], float]:
    """The same for the way between two processes."""
    found = [(each.where, each.form) for each in searched.found]
    return searched.files, searched.size_bytes, searched.texts, found, spent_s
