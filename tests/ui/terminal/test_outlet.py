"""Frames that the terminal does not take are skipped, whole, and the newest is shown."""

import asyncio
import contextlib
import os
from collections.abc import Iterator

from supporttui.ui.terminal.frame_sender import CURSOR_QUERY, FrameSender
from supporttui.ui.terminal.tty_writer import TtyWriter

FRAME_BYTES = 30_000


@contextlib.contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    """A terminal that takes 64 KiB and then nothing more until it is read."""
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def frame(number: int) -> str:
    """A frame that says its number over and over."""
    return f"<{f'{number:03}' * (FRAME_BYTES // 3)}>"


async def read_until(fd: int, mark: bytes) -> bytes:
    """Everything up to a mark, read on another thread."""

    def read() -> bytes:
        got = b""
        while mark not in got:
            got += os.read(fd, 65536)
        return got

    return await asyncio.get_running_loop().run_in_executor(None, read)


def test_the_newest_of_what_waits_is_shown_and_the_rest_is_skipped() -> None:
    async def run() -> bytes:
        with pipe() as (reads, writes):
            outlet = FrameSender(TtyWriter(writes), asyncio.get_running_loop())
            for number in range(100):
                outlet.offer(lambda number=number: frame(number))  # type: ignore[misc]
                await asyncio.sleep(0)
            reading = asyncio.create_task(read_until(reads, b"099>"))
            while not reading.done():
                outlet.answered()
                await asyncio.sleep(0.01)
            assert outlet.drain(5)
            return reading.result()

    shown = asyncio.run(run()).decode().replace(CURSOR_QUERY, "").split("><")
    assert 2 <= len(shown) <= 6
    assert shown[-1].startswith("099")
    for each in shown:
        digits = each.strip("<>")
        assert digits == digits[:3] * (FRAME_BYTES // 3), "a frame was torn"


def test_nothing_waits_for_a_terminal_that_takes_nothing() -> None:
    async def run() -> None:
        with pipe() as (reads, writes):
            outlet = FrameSender(TtyWriter(writes), asyncio.get_running_loop())
            for _ in range(200):
                outlet.write("x" * 1000)
                outlet.offer(lambda: frame(1))
                await asyncio.sleep(0)
            assert not outlet.drain(0.05)
            while not outlet.drain(0.01):
                os.read(reads, 65536)

    asyncio.run(asyncio.wait_for(run(), 10))


def test_a_frame_that_changes_nothing_is_not_sent() -> None:
    async def run() -> int:
        with pipe() as (_reads, writes):
            outlet = FrameSender(TtyWriter(writes), asyncio.get_running_loop())
            outlet.offer(lambda: "")
            assert outlet.drain(5)
            return outlet.sent

    assert asyncio.run(run()) == 0
