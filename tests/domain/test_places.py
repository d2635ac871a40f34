"""The columns of a pane's order, beside a plain sorted list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supporttui.domain.pane_order import PaneOrder, pack_sort_key, sort_group_of

ENTRIES = st.dictionaries(
    st.integers(1, 60),
    st.tuples(
        st.integers(0, 3),
        st.integers(-(2**52), 2**52) | st.integers(0, 3),
        st.none() | st.integers(1, 3),
        st.integers(1, 3),
    ),
    max_size=40,
)
Entries = dict[int, tuple[int, int, int | None, int]]


def filled(entries: Entries) -> PaneOrder:
    places = PaneOrder()
    for ticket_id, (group, number, assignee_id, requester_id) in entries.items():
        places.insert(pack_sort_key(group, number), ticket_id, assignee_id, requester_id)
    return places


def in_order(entries: Entries) -> list[int]:
    return [ticket_id for _, _, ticket_id in sorted((group, number, i) for i, (group, number, _, _) in entries.items())]


@given(ENTRIES)
def test_tickets_stand_by_group_then_number_then_id(entries: Entries) -> None:
    assert list(filled(entries).ids) == in_order(entries)


@given(ENTRIES, st.sets(st.integers(1, 60)))
def test_what_is_taken_out_is_gone_and_nothing_else_moves(entries: Entries, gone: set[int]) -> None:
    places = filled(entries)
    for ticket_id in gone & entries.keys():
        group, number, _, _ = entries[ticket_id]
        assert places.holds(pack_sort_key(group, number), ticket_id)
        places.remove(pack_sort_key(group, number), ticket_id)
        assert not places.holds(pack_sort_key(group, number), ticket_id)
    assert list(places.ids) == in_order({i: entry for i, entry in entries.items() if i not in gone})


@given(ENTRIES, ENTRIES)
def test_adding_many_is_adding_each(first: Entries, then: Entries) -> None:
    then = {ticket_id + 100: entry for ticket_id, entry in then.items()}
    places = filled(first)
    places.extend((pack_sort_key(g, n), i, assignee, requester) for i, (g, n, assignee, requester) in then.items())
    assert places.to_bytes() == filled(first | then).to_bytes()


@given(ENTRIES)
def test_one_persons_tickets_keep_their_order(entries: Entries) -> None:
    places = filled(entries)
    assert list(places.of_assignee(1).ids) == [i for i in in_order(entries) if entries[i][2] == 1]
    assert places.of_requester(2) == [i for i in in_order(entries) if entries[i][3] == 2]


@given(ENTRIES)
def test_columns_are_read_back_as_they_were(entries: Entries) -> None:
    stored = filled(entries).to_bytes()
    assert PaneOrder.from_bytes(stored).to_bytes() == stored


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="no pane"):
        PaneOrder.from_bytes((b"12345678", b"", b"", b""))


@given(st.integers(0, 3), st.integers(-(2**59) + 1, 2**59 - 1), st.integers(0, 3), st.integers(-(2**59) + 1, 2**59 - 1))
def test_keys_sort_as_group_and_number_do(group: int, number: int, other_group: int, other: int) -> None:
    assert (pack_sort_key(group, number) < pack_sort_key(other_group, other)) is (
        (group, number) < (other_group, other)
    )
    assert sort_group_of(pack_sort_key(group, number)) == group
