"""Every command for scripts in a real shell, and what the desk's audits hold afterwards."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from support.canary import secret
from support.desks.embedded_desk import AGENT, EmbeddedDesk, serve_embedded_desk
from support.documented_shapes import documented_shapes, shape_problems
from supporttui.domain.ticket_id import TicketId
from supporttui.server import schema
from supporttui.server.database import read, write
from supporttui.server.people import add_user

pytestmark = pytest.mark.timeout(300)

SCRIPT = Path(__file__).with_name("every_command.sh")


class Ran(NamedTuple):
    """The desk after the script, what it printed, and the tickets that it was given."""

    desk: EmbeddedDesk
    out: Path
    tickets: tuple[TicketId, TicketId, TicketId]

    def document(self, name: str) -> Any:
        return json.loads((self.out / f"{name}.out").read_text())


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    folder = tmp_path_factory.mktemp("scripts")
    out, programs = folder / "out", folder / "bin"
    for each in (out, programs):
        each.mkdir()
    program = programs / "supporttui"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m supporttui "$@"\n')
    program.chmod(0o700)
    with serve_embedded_desk(folder / "d") as desk:
        add_people(desk)
        tickets = (desk.create(status="open", tags=["old"]), desk.create("Sync stops"), desk.create("No mail"))
        bash = shutil.which("bash")
        assert bash is not None
        numbers = [each.id for each in tickets]
        environment = script_environment(desk, folder, programs)
        done = subprocess.run(
            [bash, SCRIPT, *numbers, out], env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        yield Ran(desk, out, tickets)


def add_people(desk: EmbeddedDesk) -> None:
    with write(desk.engine) as connection:
        add_user(connection, email="sam@desk.example", name="Sam Roe", role="agent", at=desk.now())
        add_user(connection, email="kim.other@desk.example", name="Kim Lee", role="agent", at=desk.now())


def script_environment(desk: EmbeddedDesk, folder: Path, programs: Path) -> dict[str, str]:
    home = folder / "home"
    for name in ("config", "data", "cache", "state", "runtime"):
        (home / name).mkdir(parents=True, mode=0o700)
    folders = {f"XDG_{name.upper()}_HOME": str(home / name) for name in ("config", "data", "cache", "state")}
    return {
        **os.environ,
        **folders,
        "XDG_RUNTIME_DIR": str(home / "runtime"),
        "HOME": str(home),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "SUPPORTTUI_URL": desk.url,
        "SUPPORTTUI_EMAIL": AGENT,
        "SUPPORTTUI_TOKEN": desk.token,
        "WRONG_TOKEN": secret("wrong"),
    }


def audits(desk: EmbeddedDesk, ticket_id: TicketId) -> list[dict[str, Any]]:
    """What each audit of the agent's own API changed on a ticket, in order: fields, and texts by their kind."""
    events, comments = schema.audit_events.c, schema.comments.c
    with read(desk.engine) as connection:
        rows = connection.execute(
            select(schema.audits.c.id, events.kind, events.field_name, events.value, comments.body, comments.is_public)
            .join(schema.audit_events, events.audit_id == schema.audits.c.id)
            .join(schema.comments, comments.id == events.id, isouter=True)
            .where(schema.audits.c.ticket_id == int(ticket_id.id))
            .order_by(events.id)
        ).all()
    found: dict[int, dict[str, Any]] = {}
    for audit_id, kind, field, value, body, is_public in rows:
        changed = found.setdefault(audit_id, {})
        if kind == "Comment":
            changed["reply" if is_public else "note"] = body
        elif kind == "Change":
            changed[field] = json.loads(value) if value else None
    return [*found.values()][1:]


def test_the_desk_holds_exactly_what_was_sent_to_the_open_ticket(ran: Ran) -> None:
    me, sam = str(ran.desk.agent_id), str(person_id(ran.desk, "sam@desk.example"))
    assert audits(ran.desk, ran.tickets[0]) == [
        {"reply": "We are on it.", "status": "pending"},
        {"reply": "Which version?"},
        {"note": "Looks like the proxy."},
        {"note": "And again."},
        {"assignee_id": sam},
        {"assignee_id": None},
        {"tags": ["vip", "hot"]},
        {"tags": ["vip"]},
        {"note": "Attached: trace.log"},
        {"tags": ["vip", "swept"]},
        {"priority": "high"},
        {"assignee_id": me},
        {"reply": "It works again."},
        {"note": "Told both."},
        {"status": "solved"},
    ]


def test_the_desk_holds_exactly_what_was_sent_to_the_others(ran: Ran) -> None:
    me, sam = str(ran.desk.agent_id), str(person_id(ran.desk, "sam@desk.example"))
    assert audits(ran.desk, ran.tickets[1]) == [
        {"assignee_id": me, "status": "open"},
        {"tags": ["swept"]},
        {"priority": "high"},
        {"reply": "It works again."},
        {"note": "Told both."},
        {"status": "solved"},
    ]
    assert audits(ran.desk, ran.tickets[2]) == [
        {"status": "hold"},
        {"assignee_id": sam},
        {"tags": ["swept"]},
        {"status": "pending"},
    ]
    assert ran.desk.bodies(ran.desk.newest()) == ["It is."]


def person_id(desk: EmbeddedDesk, email: str) -> int:
    with read(desk.engine) as connection:
        found: int = connection.execute(select(schema.users.c.id).where(schema.users.c.email == email)).scalar_one()
    return found


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        *((name, "list") for name in ("list-json", "list-live")),
        ("show-json", "show"),
        *((name, "bulk") for name in ("reply-json", "note-json", "move-dry-run", "move-again", "assign-me", "tag")),
        *((name, "bulk") for name in ("attach", "submit", "bulk-dry-run", "bulk-tag", "bulk-severity", "bulk-reply")),
        *((name, "bulk") for name in ("bulk-move", "refused-move", "no-network-write")),
    ],
)
def test_each_document_has_the_documented_shape(name: str, shape: str, ran: Ran) -> None:
    assert shape_problems(ran.document(name), documented_shapes()[shape]) == []


def test_documents_say_what_became_of_each_ticket(ran: Ran) -> None:
    one, two, three = (each.id for each in ran.tickets)
    assert outcomes(ran, "bulk-move") == {one: "sent", two: "sent", "424242": "refused"}
    assert outcomes(ran, "move-dry-run") == {three: "would_send"}
    assert outcomes(ran, "move-again") == {three: "unchanged"}
    assert outcomes(ran, "refused-move") == {one: "refused"}
    assert outcomes(ran, "no-network-write") == {one: "waiting"}
    assert ran.document("bulk-reply")["people"] == 1
    shown = ran.document("show-json")
    assert [each["kind"] for each in shown["messages"]][:4] == ["description", "public", "public", "note"]
    assert shown["messages"][-1]["attachments"][0]["file_name"] == "trace.log"


def outcomes(ran: Ran, name: str) -> dict[str, str]:
    return {each["ticket"]: each["outcome"] for each in ran.document(name)["results"]}
