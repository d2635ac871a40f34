"""Waits for a condition with a deadline on the real clock."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T | None], within_s: float = 10.0, every_s: float = 0.02) -> T:
    """The first true answer of the condition; fails the test where none comes in time."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {within_s} s: {condition}")
        pause.wait(every_s)
