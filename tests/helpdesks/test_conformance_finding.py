"""What every help desk must do when tickets are looked for: its own search, and its views."""

import pytest

from support.board_samples import NOW
from support.desks.desks_under_test import MALFORMED, RETRY_AFTER_S, DeskUnderTest, Failure
from support.query_samples import sample_context
from supporttui.domain.patch import TicketPatch
from supporttui.domain.query.parser import parse_query
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Person, Status
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import HelpDesk, Interrupted, NotFound, RateLimited, Rejected, Unauthorised
from supporttui.helpdesks.zendesk.search import search_text

pytestmark = pytest.mark.anyio

CONTEXT = sample_context()


async def found(client: HelpDesk, text: str, limit: int = 100) -> set[TicketId]:
    return {each.id for each in (await client.search(parse_query(text), CONTEXT, limit)).tickets}


async def test_the_account_says_that_the_desk_searches_and_has_views(client: HelpDesk) -> None:
    capabilities = (await client.fetch_account()).capabilities
    assert (capabilities.searches, capabilities.has_views) == (True, True)


async def test_words_are_found_in_subjects_and_conversations(desk: DeskUnderTest, client: HelpDesk) -> None:
    printer, other = desk.create("The printer burns"), desk.create("Nothing else")
    desk.write(other, "the exporter stops at once")
    assert await found(client, "printer") == {printer}
    assert await found(client, '"exporter stops"') == {other}
    assert await found(client, "subject:printer") == {printer}
    assert await found(client, "burns exporter") == set()
    assert await found(client, "burns -printer") == set()


async def test_properties_are_asked_of_the_desk(desk: DeskUnderTest, client: HelpDesk) -> None:
    urgent, calm = desk.create("One", severity=1), desk.create("Two", severity=3)
    desk.change(calm, TicketPatch(status=Status.CLOSED))
    assert await found(client, "sev<3") == {urgent}
    assert await found(client, "sev:1,3 status:closed") == {calm}
    assert await found(client, "status<closed") == {urgent}
    assert await found(client, "-status:closed") == {urgent}
    assert await found(client, "created>=2020-01-01 updated:2020-01-01") == set()
    assert await found(client, f"requester:{desk.customer_email}") == {urgent, calm}
    assert await found(client, "assignee:me") == set()


async def test_what_was_found_comes_with_its_people(desk: DeskUnderTest, client: HelpDesk) -> None:
    desk.create("The printer burns")
    result = await client.search(parse_query("printer"), CONTEXT, 10)
    assert desk.customer_id in {each.id for each in result.people}
    assert (result.total, result.unreadable_ids) == (1, ())


async def test_no_more_is_fetched_than_asked_for_and_the_total_is_told(desk: DeskUnderTest, client: HelpDesk) -> None:
    desk.create_many(230)
    result = await client.search(parse_query("ticket"), CONTEXT, 150)
    assert (len(result.tickets), result.total) == (150, 230)
    assert len({each.id for each in result.tickets}) == 150


async def test_a_query_of_which_the_desk_can_answer_nothing_is_refused(client: HelpDesk) -> None:
    for text in ("unread", "due<2h", "", "-waiting draft"):
        with pytest.raises(Rejected, match="Add a word"):
            await client.search(parse_query(text), CONTEXT, 10)


async def test_a_ticket_that_cannot_be_read_whole_does_not_keep_the_others(desk: DeskUnderTest) -> None:
    bad, good = desk.create(MALFORMED), desk.create("Another")
    with desk.failing(Failure.MALFORMED_SUBJECT) as client:
        result = await client.search(parse_query("status:new"), CONTEXT, 10)
        assert good in {each.id for each in result.tickets}
        assert result.unreadable_ids == (bad,)
        await client.close()


async def people_of_all_pages(client: HelpDesk) -> list[Person]:
    people: list[Person] = []
    cursor, has_more = None, True
    while has_more:
        page = await client.fetch_changes(cursor)
        people += page.people
        cursor, has_more = page.cursor, page.has_more
    return people


async def test_people_come_with_their_organisation_wherever_they_are_named(
    desk: DeskUnderTest, client: HelpDesk
) -> None:
    desk.employ_customer("Acme  Robotics")
    number = desk.create("The printer burns")
    for people in (
        await people_of_all_pages(client),
        (await client.fetch_conversation(number))[2],
        (await client.search(parse_query("printer"), CONTEXT, 10)).people,
        (await client.fetch_view_tickets("3", 10)).people,
    ):
        (customer,) = {each for each in people if each.id == desk.customer_id}
        assert customer.organization == OutsideText("Acme Robotics")
        assert not customer.is_known_in_part
    desk.employ_customer(None)
    assert {each.organization for each in (await client.fetch_conversation(number))[2]} == {None}


async def test_tickets_are_found_by_the_organisation_of_who_asked(desk: DeskUnderTest, client: HelpDesk) -> None:
    number = desk.create("The printer burns")
    desk.employ_customer("Acme Robotics")
    assert await found(client, "org:acme") == {number}
    assert await found(client, "org:acme printer -org:hooli") == {number}
    assert await found(client, "org:hooli") == set()
    assert await found(client, "org:none printer") == set()


async def test_views_have_titles_and_tickets(desk: DeskUnderTest, client: HelpDesk) -> None:
    unsolved, solved = desk.create("One"), desk.create("Two")
    desk.change(solved, TicketPatch(status=Status.CLOSED))
    views = await client.fetch_views()
    titles = {view.title.raw: view for view in views}
    assert len(titles) == len(views) > 1
    shown = await client.fetch_view_tickets(titles["All unsolved tickets"].id, 10)
    assert {each.id for each in shown.tickets} == {unsolved}
    assert desk.customer_id in {each.id for each in shown.people}


@pytest.mark.parametrize("view_id", ["999999", "nonsense", "../tickets"])
async def test_a_view_that_is_not_there_is_not_found(client: HelpDesk, view_id: str) -> None:
    with pytest.raises(NotFound):
        await client.fetch_view_tickets(view_id, 10)


async def test_a_search_fails_as_other_requests_do(desk: DeskUnderTest, client: HelpDesk) -> None:
    desk.create()
    with desk.failing(Failure.RATE_LIMIT) as limited:
        with pytest.raises(RateLimited) as caught:
            await limited.search(parse_query("board"), CONTEXT, 10)
        assert caught.value.retry_after_s == RETRY_AFTER_S
        await limited.close()
    with desk.failing(Failure.UNREADABLE_RESPONSE) as unreadable:
        with pytest.raises(Interrupted):
            await unreadable.fetch_views()
        await unreadable.close()
    desk.revoke_token()
    with pytest.raises(Unauthorised):
        await client.search(parse_query("board"), CONTEXT, 10)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('sync "sync stops" -login', 'sync "sync stops" -login'),
        ("sev<3 -sev:4", "priority:urgent priority:high -priority:low"),
        ("status:open,awaiting", "status:open status:pending"),
        ("status:open status:closed", "status:open"),
        ("-status:closed", "-status:solved -status:closed"),
        ("tag:vip,none group:billing mine", "tags:vip tags:none group:billing assignee:me"),
        ("created:2026-11-20", "created>=2026-11-20T05:00:00Z created<2026-11-21T05:00:00Z"),
        ("updated<2h", "updated>=2026-11-23T17:31:11Z"),
        ("-created:today text:a,b unread due<2h id:7", ""),
        ('org:"acme gmbh"', 'organization:"acme gmbh"'),
    ],
)
def test_a_query_is_told_in_the_words_of_zendesk(text: str, told: str) -> None:
    assert CONTEXT.now == NOW
    assert search_text(parse_query(text), CONTEXT) == told
