"""`/api/v2/views`: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/"""

from msgspec import Struct

from supporttui.zendesk_api.responses import Page


class View(Struct):
    """A view: a list of tickets by conditions, which an agent or an admin has named."""

    id: int
    url: str = ""
    title: str = ""
    description: str | None = None
    active: bool = True
    position: int = 0


class ViewsPage(Page, kw_only=True):
    """`GET views`."""

    views: list[View]
