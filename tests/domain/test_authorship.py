"""Whose word a message is."""

import pytest

from supporttui.domain.authorship import Authorship
from supporttui.domain.ticket import Role

REQUESTER, SOMEBODY = 1, 2

WORDS = [
    (SOMEBODY, Role.AGENT, "ours"),
    (SOMEBODY, Role.ADMIN, "ours"),
    (SOMEBODY, Role.END_USER, "customer's"),
    (SOMEBODY, None, "nobody's"),
    (REQUESTER, Role.END_USER, "customer's"),
    (REQUESTER, Role.ADMIN, "customer's"),
    (REQUESTER, None, "customer's"),
]


@pytest.mark.parametrize(("author_id", "role", "whose"), WORDS)
def test_public_message_is_ours_or_the_customers(author_id: int, role: Role | None, whose: str) -> None:
    said = Authorship(author_id, role, REQUESTER, is_public=True, is_automatic=False)

    assert (said.is_our_reply, said.is_customers_word) == (whose == "ours", whose == "customer's")


@pytest.mark.parametrize(("author_id", "role", "whose"), WORDS)
@pytest.mark.parametrize(("is_public", "is_automatic"), [(False, False), (True, True), (False, True)])
def test_note_and_automatic_message_are_nobodys_word(
    author_id: int, role: Role | None, whose: str, is_public: bool, is_automatic: bool
) -> None:
    said = Authorship(author_id, role, REQUESTER, is_public, is_automatic)

    assert not said.is_our_reply, whose
    assert not said.is_customers_word, whose
