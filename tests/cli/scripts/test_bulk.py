"""`supporttui bulk`: what it asks, and what it says of tickets that cannot be changed so."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command_line import PROGRAM, run_command, single_error_line
from support.desks.embedded_desk import AGENT, EmbeddedDesk, serve_embedded_desk
from support.terminals.terminal import Terminal
from supporttui.domain.ticket_id import TicketId

TEXT = "It works again."


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedDesk]:
    with serve_embedded_desk(tmp_path / "d") as each:
        monkeypatch.setenv("SUPPORTTUI_URL", each.url)
        monkeypatch.setenv("SUPPORTTUI_EMAIL", AGENT)
        monkeypatch.setenv("SUPPORTTUI_TOKEN", each.token)
        yield each


def two_tickets(desk: EmbeddedDesk) -> tuple[TicketId, TicketId]:
    return desk.create("One"), desk.create("Two", actor_id=desk.agent_id)


@pytest.mark.parametrize(("typed", "code", "sent"), [("2", 0, 1), ("1", 2, 0), ("", 2, 0)])
def test_a_reply_to_many_asks_for_the_number_of_people(typed: str, code: int, sent: int, desk: EmbeddedDesk) -> None:
    one, two = two_tickets(desk)
    with Terminal([*PROGRAM, "bulk", one.id, two.id, "--reply", TEXT]) as seen:
        seen.wait_text("2 replies go to 2 people; type their number")
        seen.type(f"{typed}\r")
        assert seen.wait_exit() == code
    assert [desk.bodies(each).count(TEXT) for each in (one, two)] == [sent, sent]


def test_one_ticket_is_not_asked_about(desk: EmbeddedDesk) -> None:
    one, _ = two_tickets(desk)
    assert run_command("bulk", one.id, "--reply", TEXT).out == f"{one.label} replied to, now Open\n"


def test_a_note_to_many_is_not_asked_about_and_stays_a_note(desk: EmbeddedDesk) -> None:
    tickets = two_tickets(desk)
    assert run_command("bulk", *(each.id for each in tickets), "--note", TEXT).code == 0
    shown = json.loads(run_command("show", tickets[0].id, "--json").out)
    assert [(each["kind"], each["is_public"]) for each in shown["messages"]] == [("description", True), ("note", False)]


def test_tickets_come_from_the_document_of_list(desk: EmbeddedDesk) -> None:
    one, two = two_tickets(desk)
    listed = run_command("list", f"id:{one.id}", "--json").out
    assert run_command("bulk", "-", "--move", "closed", stdin=listed).out == f"{one.label} moved, now Closed\n"
    assert run_command("list", "status:closed").out.split()[0] == one.label
    assert run_command("list", "status:new").out.split()[0] == two.label


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["1", "--move", "closed", "--severity", "1"], "one change"),
        (["--move", "closed"], "which tickets"),
        (["1", "--filter", "sev:1", "--move", "closed"], "which tickets"),
        (["-", "--reply", "-"], "not both"),
        (["1", "--move", "closed", "--status", "open"], "--move"),
        (["1", "--reply", " "], "empty"),
        (["1", "--tag", "vip"], "+vip"),
        (["1", "--severity", "7"], "no severity 7"),
        (["-", "--move", "closed"], "names no ticket"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_remedy(arguments: list[str], says: str, desk: EmbeddedDesk) -> None:
    ended = run_command("bulk", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert says in single_error_line(ended)


def test_a_ticket_that_changed_since_it_was_looked_at_is_refused_and_not_overwritten(desk: EmbeddedDesk) -> None:
    one, two = two_tickets(desk)
    environment = {"SUPPORTTUI_STOP_AT": "outbox committed"}
    assert run_command("bulk", one.id, two.id, "--tag", "+mine", environment=environment).code == -9
    desk.update(one, tags=["theirs"])
    ended = run_command("bulk", one.id, two.id, "--tag", "+mine")
    assert ended.code == 6, ended.err
    shown = json.loads(run_command("list", "--sort", "id", "--json").out)
    assert [each["tags"] for each in shown["tickets"]] == [["theirs"], ["mine"]]
