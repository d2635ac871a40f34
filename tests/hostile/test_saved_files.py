"""Attachments are saved under names of our own making, in their folder and nowhere else."""

import asyncio
import stat
from pathlib import Path

import pytest

from support.canary import secret
from support.desks.scripted_server import ScriptedResponse, serve_script
from support.faults.hostile_payloads import CORPUS, FILE_NAMES, generated_payloads
from support.sample_values import DESK
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment
from supporttui.helpdesks.base import Rejected
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.sync.puller import attachment_file_name, download_attachment

NAMES = [*FILE_NAMES, *CORPUS, *generated_payloads(100)]


def file_named(name: str, number: int, url: str = "http://127.0.0.1:1/x") -> Attachment:
    kind = OutsideText("text/plain")
    return Attachment(id=number, file_name=OutsideText(name), content_type=kind, size_bytes=1, url=OutsideText(url))


def save(url: str, folder: Path, *names: str) -> list[tuple[str, bool]]:
    """Save a file under each name; what is said of each."""
    said: list[tuple[str, bool]] = []

    async def run() -> None:
        desk = ZendeskDesk(name=DESK, url=url, email="kim@desk.example", token=secret("files"))
        try:
            for number, name in enumerate(names, 1):
                attachment = file_named(name, number, f"{url}/x")
                await download_attachment(desk, attachment, str(folder), lambda text, done: said.append((text, done)))
        finally:
            await desk.close()

    asyncio.run(run())
    return said


def test_five_hundred_hostile_names_stay_inside_the_folder(tmp_path: Path) -> None:
    assert len(NAMES) >= 500
    folder = tmp_path / "inside" / "downloads"
    folder.parent.mkdir(mode=0o700)
    before = {path for path in tmp_path.rglob("*") if "inside" not in path.parts}
    with serve_script(lambda request: ScriptedResponse(200, b"content")) as server:
        said = save(server.url, folder, *NAMES)
    assert [done for _, done in said] == [True] * len(NAMES)
    for (path, _), name in zip(said, NAMES, strict=True):
        saved = Path(path)
        assert saved.resolve().parent == folder.resolve(), ascii(name)
        assert stat.S_IMODE(saved.lstat().st_mode) == 0o600
        assert saved.name.isprintable()
        assert not saved.name.startswith((".", "-"))
    assert len(list(folder.iterdir())) == len(NAMES)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path for path in tmp_path.rglob("*") if "inside" not in path.parts} == before


def test_what_is_there_already_is_never_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir(mode=0o700)
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    (folder / attachment_file_name(file_named("a.log", 1))).symlink_to(outside)
    (folder / attachment_file_name(file_named("b.log", 2))).write_bytes(b"mine too")
    with serve_script(lambda request: ScriptedResponse(200, b"content")) as server:
        said = save(server.url, folder, "a.log", "b.log")
    assert [Path(path).read_bytes() for path, _ in said] == [b"content", b"content"]
    assert outside.read_bytes() == b"mine"
    assert (folder / attachment_file_name(file_named("b.log", 2))).read_bytes() == b"mine too"


@pytest.mark.parametrize("spoil", ["link", "open to others"])
def test_a_folder_that_is_not_ours_alone_takes_nothing(spoil: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder = elsewhere
    if spoil == "link":
        folder = tmp_path / "d"
        folder.symlink_to(elsewhere)
    else:
        elsewhere.chmod(0o777)
    with serve_script(lambda request: ScriptedResponse(200, b"content")) as server:
        ((sentence, is_saved),) = save(server.url, folder, "a.log")
    assert not is_saved
    assert str(folder) in sentence
    assert list(elsewhere.iterdir()) == []


def test_a_file_that_is_too_large_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir(mode=0o700)

    async def run(url: str) -> None:
        desk = ZendeskDesk(name=DESK, url=url, email="kim@desk.example", token=secret("files"))
        try:
            await desk.fetch_attachment(file_named("a", 1, f"{url}/x"), folder / "a", max_bytes=100_000)
        finally:
            await desk.close()

    with (
        serve_script(lambda request: ScriptedResponse(200, bytes(200_000))) as server,
        pytest.raises(Rejected, match="larger than"),
    ):
        asyncio.run(run(server.url))
    assert list(folder.iterdir()) == []


def test_without_a_desk_nothing_is_made(tmp_path: Path) -> None:
    said: list[str] = []
    asyncio.run(
        download_attachment(None, file_named("a", 1), str(tmp_path / "d"), lambda text, _done: said.append(text))
    )
    assert said
    assert not (tmp_path / "d").exists()
