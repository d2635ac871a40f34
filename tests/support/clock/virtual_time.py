"""An event loop whose clock jumps to the next timer when nothing is ready."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context, copy_context
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from anyio import to_thread

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

T = TypeVar("T")


class VirtualClock:
    """The time of one loop: seconds for its timers, and the same as an instant for whoever asks the date."""

    def __init__(self, start: datetime | None = None) -> None:
        self.start = start or datetime.now(UTC).replace(microsecond=0)
        self.elapsed_s = 0.0

    def now(self) -> datetime:
        """The instant that it is."""
        return self.start + timedelta(seconds=self.elapsed_s)


class _JumpingSelector(selectors.BaseSelector):
    """Never waits: where nothing is ready, the clock moves on instead."""

    def __init__(self, clock: VirtualClock) -> None:
        self._real = selectors.DefaultSelector()
        self._clock = clock

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        assert timeout is not None, "nothing is left to do, and nobody will ever bring more"
        self._clock.elapsed_s += timeout
        return []

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> "Mapping[FileDescriptorLike, selectors.SelectorKey]":
        return self._real.get_map()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on a `VirtualClock`. What would be done in a thread is done in place, so every run is the same."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        super().__init__(_JumpingSelector(clock))
        self._contexts: WeakKeyDictionary[asyncio.Task[Any], Context] = WeakKeyDictionary()
        self.set_task_factory(self._begin)  # type: ignore[arg-type]  # the stub wants a generic protocol

    def _begin(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T], context: Context | None = None
    ) -> asyncio.Task[T]:
        within = context or copy_context()
        task = asyncio.Task(work, loop=loop, context=within)
        self._contexts[task] = within
        return task

    def tasks_in(self, is_meant: Callable[[Context], bool]) -> list[asyncio.Task[Any]]:
        """The unfinished tasks that were begun in such a context."""
        return [task for task, context in self._contexts.items() if not task.done() and is_meant(context)]

    def time(self) -> float:
        return self._clock.elapsed_s

    def forget_timers(self, is_meant: Callable[[Context], bool]) -> None:
        """Drop every timer, and every plain call that is due, that was made in such a context; tasks stay."""
        for handle in [*self._scheduled, *self._ready]:  # type: ignore[attr-defined] # asyncio has no public list of them
            callback = getattr(handle, "_callback", None)
            is_task = "Task" in type(callback).__name__ or isinstance(getattr(callback, "__self__", None), asyncio.Task)
            if handle._context is not None and is_meant(handle._context) and not is_task:
                handle.cancel()

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> "asyncio.Future[Any]":  # type: ignore[override] # typed by a TypeVarTuple
        done: asyncio.Future[Any] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as problem:  # noqa: BLE001 - whatever it is, it belongs to whoever waits
            done.set_exception(problem)
        return done


async def _run_in_place(func: Callable[..., T], *args: object, **_options: object) -> T:
    """What anyio does in a thread of its own, without the thread."""
    await asyncio.sleep(0)
    return func(*args)


@contextmanager
def virtual_loop(clock: VirtualClock) -> Iterator[VirtualLoop]:
    """A loop on this clock, which is closed at the end; what it runs uses no threads."""
    loop = VirtualLoop(clock)
    threaded, to_thread.run_sync = to_thread.run_sync, _run_in_place
    try:
        yield loop
    finally:
        to_thread.run_sync = threaded
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def run_virtually(work: Callable[[VirtualClock], Coroutine[Any, Any, T]], clock: VirtualClock | None = None) -> T:
    """Run a coroutine on a loop of its own with a clock of its own; what it returns."""
    clock = clock or VirtualClock()

    async def whole() -> T:
        return await work(clock)  # called in here: the work may begin tasks before it first waits

    with virtual_loop(clock) as loop:
        return loop.run_until_complete(whole())


async def eventually(condition: Callable[[], T | None], within_s: float, every_s: float = 0.05) -> T:
    """The first true answer of the condition, by the loop's own clock; fails the test where none comes in time."""
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        answer = condition()
        if answer:
            return answer
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"did not happen within {within_s} s: {condition}")
        await asyncio.sleep(every_s)
