"""Starting `driven_window` processes and hearing what they say."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent


class DrivenProcess:
    """One process; its lines are read as they come."""

    def __init__(self, environment: dict[str, str] | None = None, **told: Any) -> None:
        token = {"DRIVEN_TOKEN": told.pop("token")}  # everybody on the machine can read arguments
        path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, str(TESTS / "driven_window.py"), json.dumps(told)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path, **token, **(environment or {})},
        )
        self.typed: list[str] = []
        self.committed: list[str] = []
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with contextlib.suppress(json.JSONDecodeError):  # the last line of one that was killed
                heard = json.loads(line)
                self.typed += [heard["typed"]] if "typed" in heard else []
                self.committed += [heard["committed"]] if "committed" in heard else []
                self.said += [heard["said"]] if "said" in heard else []

    @property
    def has_ended(self) -> bool:
        """Whether the process is no more."""
        return self.process.poll() is not None

    def end(self, number: int = signal.SIGKILL, within_s: float = 15.0) -> int:
        """End it by a signal; its exit code."""
        if not self.has_ended:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
        code = self.process.wait(within_s)
        self._reader.join(within_s)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code
