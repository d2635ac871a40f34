"""Uploads that no comment took are gone after a day, and nothing else is."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from support.clock.waiting import wait_until
from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket, serve_desk_with_roles
from supporttui.server import file_storage, upload_limits
from supporttui.server.database import read, write
from supporttui.server.desk import Desk
from supporttui.server.file_storage import remove_unclaimed_uploads
from supporttui.server.schema import attachments, uploads

DAY = timedelta(days=1, seconds=1)


def _upload(client: httpx.Client, name: str) -> dict[str, str]:
    sent = client.post("/api/v2/uploads", params={"filename": name}, content=b"content")
    return dict(sent.json()["upload"])


def _later(desk: DeskWithRoles, folder: Path, by: timedelta) -> Desk:
    """The desk when so much time has passed, for its files too."""
    for path in folder.iterdir():
        modified = path.stat().st_mtime - by.total_seconds()
        os.utime(path, (modified, modified))
    return Desk(engine=desk.engine, uploads=folder, now=lambda: datetime.now(UTC) + by)


def test_what_waited_for_a_day_is_gone_and_what_is_on_a_ticket_stays(
    desk: DeskWithRoles, customer: httpx.Client, agent: httpx.Client, tmp_path: Path
) -> None:
    folder = tmp_path / "uploads"
    waiting, taken = _upload(customer, "waiting.txt"), _upload(customer, "taken.txt")
    ticket = new_ticket(customer, comment={"body": "see", "uploads": [taken["token"]]})
    assert remove_unclaimed_uploads(_later(desk, folder, timedelta(hours=23))) == 0
    assert remove_unclaimed_uploads(_later(desk, folder, DAY)) == 1
    assert len(list(folder.iterdir())) == 1
    assert (
        change_ticket(customer, ticket["id"], comment={"body": "more", "uploads": [waiting["token"]]}).status_code
        == 422
    )
    comment = agent.get(f"/api/v2/tickets/{ticket['id']}/comments").json()["comments"][0]
    assert agent.get(comment["attachments"][0]["content_url"]).content == b"content"
    with read(desk.engine) as connection:
        assert len(connection.execute(attachments.select()).all()) == 1
        assert len(connection.execute(uploads.select()).all()) == 1


def test_a_file_that_no_row_knows_goes_and_a_file_of_somebody_elses_stays(
    desk: DeskWithRoles, agent: httpx.Client, tmp_path: Path
) -> None:
    _upload(agent, "a.txt")
    folder, outside = tmp_path / "uploads", tmp_path / "outside"
    outside.write_text("mine")
    (folder / ("0" * 32)).write_bytes(b"left by a desk that was killed")
    (folder / "notes.txt").write_text("mine")
    (folder / ("1" * 32)).symlink_to(outside)
    assert remove_unclaimed_uploads(_later(desk, folder, timedelta())) == 0
    for path in (folder / ("0" * 32), folder / "notes.txt", outside):
        os.utime(path, (0, 0))
    assert remove_unclaimed_uploads(_later(desk, folder, timedelta())) == 1
    assert outside.read_text() == "mine"
    assert len(list(folder.iterdir())) == 3


def test_a_desk_looks_when_it_starts(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir(mode=0o700)
    (folder / ("a" * 32)).write_bytes(b"old")
    os.utime(folder / ("a" * 32), (0, 0))
    with serve_desk_with_roles(tmp_path):
        wait_until(lambda: not list(folder.iterdir()))


def test_one_person_cannot_fill_the_disk(desk: DeskWithRoles, agent: httpx.Client, customer: httpx.Client) -> None:
    with write(desk.engine) as connection:
        big = file_storage.StoredFile(
            key="f" * 32, file_name="big", content_type="x", size_bytes=upload_limits.WAITING_MAX_BYTES - 3
        )
        file_storage.add_upload(connection, desk.people["cy"].id, big, datetime.now(UTC))
    sent = customer.post("/api/v2/uploads?filename=more", content=b"1234")
    assert (sent.status_code, "wait" in sent.text) == (422, True)
    assert agent.post("/api/v2/uploads?filename=more", content=b"1234").status_code == 201
    with write(desk.engine) as connection:
        for number in range(upload_limits.WAITING_MAX - 1):
            empty = file_storage.StoredFile(key=f"{number:032x}", file_name="empty", content_type="x", size_bytes=0)
            file_storage.add_upload(connection, desk.people["bo"].id, empty, datetime.now(UTC))
    assert agent.post("/api/v2/uploads?filename=one", content=b"").status_code == 422
