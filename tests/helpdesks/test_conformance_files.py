"""What every help desk must do with files: uploads, attachments and where they are written."""

import stat
from pathlib import Path

import pytest

from support.desks.desks_under_test import DeskUnderTest
from support.desks.scripted_server import ScriptedResponse, serve_script
from supporttui.config.desk import ConnectionTrust
from supporttui.domain.patch import TicketPatch
from supporttui.domain.ticket import Attachment
from supporttui.helpdesks.base import HelpDesk, NewTicket, Rejected, TicketUpdate

pytestmark = pytest.mark.anyio

CONTENT = b"0123456789" * 50_000
NAME = "späť \u202egol.x"


async def attached(desk: DeskUnderTest, client: HelpDesk, folder: Path) -> Attachment:
    """A file on a new ticket, as the conversation names it."""
    path = folder / "x.log"
    path.write_bytes(CONTENT)
    token = await client.send_upload(path, NAME)
    new = NewTicket(
        operation_id="o1",
        subject="Down",
        description="since nine",
        severity=1,
        requester_email=desk.customer_email,
        uploads=(token,),
    )
    created = await client.send_new_ticket(new)
    _ticket, conversation, _people = await client.fetch_conversation(created.ticket.id)
    (attachment,) = conversation.messages[0].attachments
    return attachment


async def test_file_of_a_new_ticket_is_fetched_as_it_was_sent(
    desk: DeskUnderTest, client: HelpDesk, tmp_path: Path
) -> None:
    attachment = await attached(desk, client, tmp_path)
    assert (attachment.file_name.raw, attachment.size_bytes) == (NAME, len(CONTENT))
    into = tmp_path / "fetched"
    assert await client.fetch_attachment(attachment, into, max_bytes=1_000_000) == len(CONTENT)
    assert into.read_bytes() == CONTENT
    assert stat.S_IMODE(into.stat().st_mode) == 0o600


async def test_file_of_a_reply_is_on_its_message(desk: DeskUnderTest, client: HelpDesk, tmp_path: Path) -> None:
    ticket_id = desk.create()
    path = tmp_path / "x.log"
    path.write_bytes(b"log")
    token = await client.send_upload(path, "x.log")
    patch = TicketPatch(body="see the log", files=(str(path),))
    await client.send_update(
        TicketUpdate(operation_id="o1", ticket_id=ticket_id, based_on=None, patch=patch, uploads=(token,))
    )
    _ticket, conversation, _people = await client.fetch_conversation(ticket_id)
    assert [each.file_name.raw for each in conversation.messages[-1].attachments] == ["x.log"]


async def test_attachment_overwrites_no_file(desk: DeskUnderTest, client: HelpDesk, tmp_path: Path) -> None:
    attachment = await attached(desk, client, tmp_path)
    into = tmp_path / "precious"
    into.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        await client.fetch_attachment(attachment, into, max_bytes=1_000_000)
    assert into.read_bytes() == b"mine"


async def test_attachment_is_never_written_through_a_link(
    desk: DeskUnderTest, client: HelpDesk, tmp_path: Path
) -> None:
    attachment = await attached(desk, client, tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    with pytest.raises(FileExistsError):
        await client.fetch_attachment(attachment, tmp_path / "link", max_bytes=1_000_000)
    assert not (tmp_path / "precious").exists()


async def test_attachment_over_the_size_limit_leaves_no_file(
    desk: DeskUnderTest, client: HelpDesk, tmp_path: Path
) -> None:
    attachment = await attached(desk, client, tmp_path)
    with pytest.raises(Rejected, match="larger than"):
        await client.fetch_attachment(attachment, tmp_path / "big", max_bytes=1000)
    assert not (tmp_path / "big").exists()


async def test_redirect_to_another_host_is_followed_only_where_allowed_and_without_the_token(
    desk: DeskUnderTest, tmp_path: Path
) -> None:
    allowed = ConnectionTrust(private_addresses=True, attachment_hosts=("127.0.0.1",))
    with serve_script(lambda request: ScriptedResponse(200, b"log")) as other:
        with desk.redirecting(f"{other.url}/a.log", ConnectionTrust()) as (client, attachment, _credentials):
            with pytest.raises(Rejected, match="another server"):
                await client.fetch_attachment(attachment, tmp_path / "a", max_bytes=9)
            assert other.requests == []
            await client.close()
        with desk.redirecting(f"{other.url}/a.log", allowed) as (client, attachment, credentials):
            assert await client.fetch_attachment(attachment, tmp_path / "b", max_bytes=9) == 3
            await client.close()
        assert credentials[0].startswith("Basic ")
        assert [request.headers.get("authorization") for request in other.requests] == [None]
