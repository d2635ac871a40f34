"""Every test works in a home of its own, and leaves no secret there but in its own store."""

from pathlib import Path

import pytest

import support.canary_plugin as canary_watch


def pytest_configure(config: pytest.Config) -> None:
    """Watch the secrets of the whole suite."""
    canary_watch.pytest_configure(config)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point every folder that the product may touch at the test's own, and clear its settings."""
    for name in (
        "HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_CACHE_HOME",
        "XDG_STATE_HOME",
        "XDG_RUNTIME_DIR",
    ):
        folder = tmp_path / "home" / name.lower()
        folder.mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(folder))
    for name in ("SUPPORTTUI_URL", "SUPPORTTUI_EMAIL", "SUPPORTTUI_TOKEN", "SUPPORTTUI_CONFIG"):
        monkeypatch.delenv(name, raising=False)
