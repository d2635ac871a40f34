"""How many items a page of a listing may have."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from supporttui.helpdesks.base import TooLarge

T = TypeVar("T")


class PageSize:
    """The size that a listing is asked in: halved where a page was too large to be read, then doubled again.

    It outlives a page that failed, so that a desk which asks to wait in between costs no step.
    """

    def __init__(self, most: int) -> None:
        self._most: Final = most
        self._next = most

    async def fitting(self, ask: Callable[[int], Awaitable[T]], what: str) -> tuple[T, int]:
        """The page behind one cursor, as large as can be read, and the size that it was asked in.

        Raises TooLarge where a single item is too large; what comes behind it cannot be asked for without it.
        """
        while True:
            size = self._next
            try:
                page = await ask(size)
            except TooLarge:
                if size == 1:
                    raise TooLarge(
                        f"One entry of {what} is larger than can be read, and nothing behind it either; "
                        "the rest goes on. Shorten it in the desk itself."
                    ) from None
                self._next = size // 2
            else:
                self._next = min(size * 2, self._most)
                return page, size
