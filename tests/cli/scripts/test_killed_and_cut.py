"""A command that is killed goes on when it is given again, and one whose answer was lost says so."""

import contextlib
import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command_line import PROGRAM, CommandResult, run_command, single_error_line
from support.desks.embedded_desk import AGENT, EmbeddedDesk, serve_embedded_desk
from support.faults.delivery_check import count_desk_comments, count_desk_operations
from support.faults.fault_network import ConnectionCut
from support.faults.fault_proxy import fault_proxy
from supporttui.domain.ticket_id import TicketId

TICKETS = 12
TEXT = "It works again."


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedDesk]:
    with serve_embedded_desk(tmp_path / "d") as each:
        monkeypatch.setenv("SUPPORTTUI_URL", each.url)
        monkeypatch.setenv("SUPPORTTUI_EMAIL", AGENT)
        monkeypatch.setenv("SUPPORTTUI_TOKEN", each.token)
        yield each


def killed_at(point: str, *arguments: str) -> None:
    """Run a command that is ended by SIGKILL at a named point."""
    environment = os.environ | {"SUPPORTTUI_STOP_AT": point}
    done = subprocess.run(
        [*PROGRAM, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def bulk_reply(tickets: list[TicketId]) -> list[str]:
    return ["bulk", *(each.id for each in tickets), "--reply", TEXT, "--yes-to", "1", "--json"]


def replies(desk: EmbeddedDesk, tickets: list[TicketId]) -> list[int]:
    """How often the text stands on each ticket."""
    return [desk.bodies(each).count(TEXT) for each in tickets]


@pytest.mark.parametrize(
    "point",
    [
        "outbox committing",
        "outbox committed",
        "delivery in flight",
        "request sent#5",
        "answer parsed#6",
        "sent writing#7",
        "sent written#12",
    ],
)
def test_a_bulk_reply_that_is_killed_and_given_again_is_sent_once_to_each(point: str, desk: EmbeddedDesk) -> None:
    tickets = [desk.create(f"Ticket {number}") for number in range(TICKETS)]
    killed_at(point, *bulk_reply(tickets))
    assert max(replies(desk, tickets)) <= 1
    again = run_command(*bulk_reply(tickets))
    assert again.code == 0, again.err
    assert replies(desk, tickets) == [1] * TICKETS
    assert set(count_desk_operations(desk.database).values()) == {1}
    assert sum(json.loads(again.out)["counts"].values()) == TICKETS


def test_what_a_killed_bulk_left_is_sent_even_where_it_is_given_again_with_fewer_tickets(desk: EmbeddedDesk) -> None:
    tickets = [desk.create(f"Ticket {number}") for number in range(TICKETS)]
    killed_at("request sent#4", *bulk_reply(tickets))
    assert run_command(*bulk_reply(tickets[-2:])).code == 0
    assert replies(desk, tickets) == [1] * TICKETS


def test_once_it_is_reported_the_same_command_is_a_new_one(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()
    for _ in range(2):
        assert run_command("reply", ticket_id.id, TEXT).code == 0
    assert replies(desk, [ticket_id]) == [2]


@pytest.mark.parametrize("point", ["outbox committed", "request sent", "sent written"])
def test_a_reply_that_is_killed_and_given_again_is_sent_once(point: str, desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()
    killed_at(point, "reply", ticket_id.id, TEXT)
    again = run_command("reply", ticket_id.id, TEXT)
    assert again.code == 0, again.err
    assert replies(desk, [ticket_id]) == [1]


def test_a_ticket_is_created_once_by_a_command_that_is_killed_and_given_again(desk: EmbeddedDesk) -> None:
    typed = ["submit", "--requester", "ada@customer.example", "--subject", "Once", "--severity", "3"]
    killed_at("answer parsed", *typed, "--description", "Only once.")
    again = run_command(*typed, "--description", "Only once.")
    assert again.code == 0, again.err
    assert count_desk_comments(desk.database) == Counter({"Only once.": 1})


@contextlib.contextmanager
def lost_answer(desk: EmbeddedDesk) -> Iterator[str]:
    """The address of a proxy that loses the answer to the first change of a ticket."""
    with fault_proxy(desk.socket) as proxy:
        proxy.cuts.append(ConnectionCut("PUT", "/api/v2/tickets/", 1, of_answer=True, is_reset=True))
        yield proxy.url


def test_a_send_without_an_answer_is_said_with_a_code_of_its_own_and_is_settled_by_the_next_run(
    desk: EmbeddedDesk,
) -> None:
    ticket_id = desk.create()
    with lost_answer(desk) as url:
        where = {"SUPPORTTUI_URL": url}
        ended = run_command("reply", ticket_id.id, TEXT, "--json", environment=where)
        assert ended.code == 9
        assert "Not confirmed" in single_error_line(ended)
        assert outcome(ended) == "unconfirmed"
        again = run_command("reply", ticket_id.id, TEXT, environment=where)
        assert again.code == 0, again.err
    assert replies(desk, [ticket_id]) == [1]


def test_a_reply_that_could_not_be_sent_is_sent_once_by_the_same_command_later(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()
    desk.stop()
    for _ in range(2):
        assert run_command("reply", ticket_id.id, TEXT).code == 4
    desk.start()
    assert run_command("reply", ticket_id.id, TEXT).code == 0
    assert replies(desk, [ticket_id]) == [1]


def outcome(ended: CommandResult) -> str:
    (result,) = json.loads(ended.out)["results"]
    return str(result["outcome"])
