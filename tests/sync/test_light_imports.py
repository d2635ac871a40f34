"""The first screen does not wait for what only the network needs."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        *(
            "supporttui.store.cache",
            "supporttui.store.outbox",
            "supporttui.sync.engine",
            "supporttui.cli.desk_selection",
        ),
        *("supporttui.__main__", "supporttui.cli.log_file"),
    ],
)
def test_no_network_library_is_imported_before_the_desk_is_opened(module: str) -> None:
    heavy = ("httpx", "anyio", "sqlalchemy", "litestar", "textual", "keyring")
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
