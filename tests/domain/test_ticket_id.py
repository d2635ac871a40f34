"""The key of a ticket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.sample_values import DESK, ticket_key
from supporttui.domain.ticket_id import BadTicketId, TicketId, parse_ticket_id
from supporttui.store.stored_ids import stored_id, ticket_id_of

OWN_IDS = st.one_of(
    st.integers(0, 10**18).map(str),
    st.integers(1, 10**6).map(lambda number: f"SUP-{number}"),
    st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=40),
)


@given(st.lists(st.integers(0, 10**18)))
def test_numbers_sort_as_numbers(numbers: list[int]) -> None:
    assert [int(key.id) for key in sorted(map(ticket_key, numbers))] == sorted(numbers)


def test_keys_of_a_project_sort_by_their_numbers() -> None:
    assert sorted([ticket_key("SUP-12"), ticket_key("SUP-9")]) == [ticket_key("SUP-9"), ticket_key("SUP-12")]


@given(OWN_IDS, OWN_IDS)
def test_the_stored_form_sorts_as_the_key_does_and_gives_it_back(one: str, other: str) -> None:
    first, second = ticket_key(one), ticket_key(other)
    stored = [stored_id(first).encode(), stored_id(second).encode()]  # SQLite compares bytes
    assert (first < second, first == second, first >= second) == (
        stored[0] < stored[1],
        stored[0] == stored[1],
        stored[0] >= stored[1],
    )
    assert ticket_id_of(stored_id(first), DESK) == first


def test_keys_of_several_desks_are_apart() -> None:
    assert len({TicketId("a.example", "7"), TicketId("b.example", "7"), TicketId("a.example", "7")}) == 2


@pytest.mark.parametrize(
    ("typed", "own_id"),
    [("1042", "1042"), ("#1042", "1042"), (" #1042 ", "1042"), ("0042", "42"), ("SUP-12", "SUP-12"), ("7a", "7a")],
)
def test_what_a_user_types_names_a_ticket(typed: str, own_id: str) -> None:
    assert parse_ticket_id(typed, DESK) == TicketId(DESK, own_id)


@pytest.mark.parametrize("typed", ["", "  ", "#", "##7", "10 42", "SUP\x1b-12", "7\u202e", "9" * 65])
def test_what_names_no_ticket_is_refused_with_one_sentence(typed: str) -> None:
    with pytest.raises(BadTicketId, match=r"^\"[^\x1b\u202e]*\" is no ticket; write its number or key, such as .*\.$"):
        parse_ticket_id(typed, DESK)


@pytest.mark.parametrize(("own_id", "label"), [("1042", "#1042"), ("SUP-12", "SUP-12"), ("²", "²"), ("a\x1bb", "a�b")])
def test_a_number_is_shown_with_its_sign_and_a_key_as_it_is(own_id: str, label: str) -> None:
    assert ticket_key(own_id).label == label
