"""No code outside the help desks and the server says that a ticket's id is a number."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src" / "supporttui"
OWN_WIRE_IDS = ("server", "zendesk_api", "helpdesks/zendesk")
"""Where the numbers of one help desk's wire belong."""

NAMES = ("ticket_id", "ticket_ids", "result_ticket_id", "unreadable_ids")


def numeric_ticket_ids(source: str) -> Iterator[int]:
    """The lines that annotate a ticket's id, or many, with `int`, and those that make a number of one."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.arg(arg=name, annotation=ast.expr() as annotation) if name in NAMES:
                is_found = _names_int(annotation)
            case ast.AnnAssign(target=ast.Name(id=name) | ast.Attribute(attr=name), annotation=annotation):
                is_found = name in NAMES and _names_int(annotation)
            case ast.ClassDef(name="Ticket", body=body):
                is_found = any(ast.unparse(each).startswith("id: int") for each in body)
            case ast.Call(func=ast.Name(id="int"), args=[argument]):
                is_found = ast.unparse(argument).endswith(("ticket_id", "ticket_id.id", "ticket.id", "ticket.id.id"))
            case _:
                is_found = False
        if is_found and isinstance(node, ast.arg | ast.stmt | ast.expr):
            yield node.lineno


def _names_int(annotation: ast.expr) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "int" for each in ast.walk(annotation))


def test_no_ticket_id_is_a_number() -> None:
    found = [
        f"{path.relative_to(SOURCES)}:{line}"
        for path in sorted(SOURCES.rglob("*.py"))
        if not path.relative_to(SOURCES).as_posix().startswith(OWN_WIRE_IDS)
        for line in numeric_ticket_ids(path.read_text("utf-8"))
    ]
    assert found == []


def test_what_would_be_a_number_is_found() -> None:
    source = (
        "def f(ticket_id: int): ...\n"
        "ticket_ids: frozenset[int]\n"
        "class Ticket:\n    id: int\n"
        "number = int(event.ticket_id)\n"
        "def g(ticket_id: TicketId | None, audit_id: int): ...\n"
    )
    assert sorted(numeric_ticket_ids(source)) == [1, 2, 3, 5]
