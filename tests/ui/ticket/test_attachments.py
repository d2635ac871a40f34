"""Files of a conversation: the folder is shown and can be chosen, and a file is opened by the user's own program."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec.structs import replace

from support.app_driver import AppDriver, running_app
from supporttui.config.settings import FileSettings
from supporttui.ui.ticket.attachments import opener_arguments

Scene = Callable[[AppDriver], Awaitable[None]]


def play(folder: Path, scene: Scene, settings: FileSettings | None = None, size: tuple[int, int] = (120, 36)) -> None:
    async def run() -> None:
        async with running_app(folder, size) as stage:
            if settings is not None:
                model = stage.app.model
                model.app_context = replace(model.app_context, file_settings=settings)
            await stage.opens(1042)
            await scene(stage)

    asyncio.run(run())


async def sees_folder(stage: AppDriver, path: Path | str) -> None:
    """The dialog names this folder, whose path may break behind a slash."""
    wanted = str(path)

    def is_named() -> bool:
        lines = [line.split("│")[1].strip() for line in stage.text.split("\n") if line.count("│") > 1]
        return f"into {wanted}" in "".join(lines)

    await stage.until(is_named)


def recorder(folder: Path) -> Path:
    """A program that writes down its arguments."""
    path = folder / "opener"
    path.write_text(
        "#!/usr/bin/env python3\nimport json, os, sys\n"
        f"new = {str(folder / 'told')!r} + '.new'\n"
        f"json.dump(sys.argv[1:], open(new, 'w'))\nos.replace(new, {str(folder / 'told')!r})\n"
    )
    path.chmod(0o700)
    return path


def test_the_folder_is_shown_before_anything_is_saved(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("o")
        await sees_folder(stage, tmp_path / "downloads")
        await stage.pilot.press("enter")
        await stage.sees(f"Saved as {tmp_path}/downloads/1-console.log")
        assert (tmp_path / "downloads" / "1-console.log").exists()

    play(tmp_path, scene)


def test_the_configured_folder_is_used_and_made(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("o")
        await sees_folder(stage, tmp_path / "mine")
        await stage.pilot.press("enter")
        await stage.sees("Saved as")
        assert (tmp_path / "mine" / "1-console.log").exists()

    play(tmp_path, scene, FileSettings(downloads=str(tmp_path / "mine")))


def test_another_folder_is_typed_with_completion_and_stays_in_this_window(tmp_path: Path) -> None:
    (tmp_path / "tickets" / "today").mkdir(parents=True)

    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("o", "f", "ctrl+u")
        await stage.pastes(f"{tmp_path}/ti")
        await stage.pilot.press("tab")
        await stage.sees(f"{tmp_path}/tickets/")
        await stage.pilot.press("tab", "enter")
        await sees_folder(stage, tmp_path / "tickets" / "today")
        await stage.pilot.press("down", "enter")
        await stage.sees("Saved as")
        assert (tmp_path / "tickets" / "today" / "2-white-page.png").exists()
        await stage.pilot.press("escape", "enter", "o")
        await sees_folder(stage, tmp_path / "tickets" / "today")

    play(tmp_path, scene)


def test_escape_leaves_the_folder_as_it_was_and_letters_typed_there_are_text(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("o", "f")
        await stage.types("voqjk")
        await stage.sees("downloads/voqjk")
        await stage.pilot.press("escape")
        await sees_folder(stage, tmp_path / "downloads")
        await stage.pilot.press("escape")
        await stage.until(lambda: "Save a file" not in stage.text)
        assert list((tmp_path / "downloads").iterdir()) == []

    play(tmp_path, scene, size=(160, 36))


def test_a_folder_that_is_a_link_and_one_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").write_text("")

    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("o", "enter")
        await stage.until(lambda: (tmp_path / "real" / "1-console.log").exists())
        await stage.pilot.press("o", "f", "ctrl+u")
        await stage.pastes(f"{tmp_path}/file/below")
        await stage.pilot.press("enter", "enter")
        await stage.sees("Cannot write")

    play(tmp_path, scene, FileSettings(downloads=str(tmp_path / "link")))


def test_a_file_is_opened_as_one_argument_only_when_that_is_asked_for(tmp_path: Path) -> None:
    program = recorder(tmp_path)
    told = tmp_path / "told"

    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("o", "enter")
        await stage.sees("Saved as")
        assert not told.exists()
        await stage.pilot.press("o", "down", "v")
        await stage.sees("Opened")
        await stage.until(told.exists)
        assert json.loads(told.read_text()) == ["-x", f"{tmp_path}/downloads/2-white-page.png", "$(id)"]

    play(tmp_path, scene, FileSettings(open_with=(str(program), "-x", "{file}", "$(id)")))


def test_where_nothing_opens_files_it_is_saved_and_said(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("o", "v")
        await stage.sees("could not be started; check open below [files]")
        assert (tmp_path / "downloads" / "1-console.log").exists()

    play(tmp_path, scene, FileSettings(open_with=("/nonexistent/viewer", "{file}")))
    assert opener_arguments(FileSettings(), "/d/1-a.log", None) == []
    assert opener_arguments(FileSettings(), "/d/1-a.log", "/usr/bin/xdg-open") == ["/usr/bin/xdg-open", "/d/1-a.log"]
