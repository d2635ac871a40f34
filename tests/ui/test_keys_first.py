"""The collector, which a start goes without."""

import gc
import sys
from collections.abc import Iterator

import pytest

from supporttui.ui.keys_first import KeysFirst


@pytest.fixture(autouse=True)
def undone() -> Iterator[None]:
    """The process of the tests is not one window's own."""
    interval_s = sys.getswitchinterval()
    yield
    gc.unfreeze()
    gc.enable()
    sys.setswitchinterval(interval_s)


def test_the_collector_comes_back_with_the_first_picture_and_leaves_alone_what_is_there() -> None:
    gc.disable()
    KeysFirst().drawn()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 1_000
