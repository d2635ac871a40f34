"""`POST tickets/{id}/merge`: merging tickets into one, and the job that does it.

https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#merge-tickets-into-target-ticket
"""

from msgspec import Struct

from supporttui.zendesk_api.request_bodies import Id
from supporttui.zendesk_api.responses import Json


class MergeRequest(Struct):
    """Which tickets are merged into the one of the path, and what is written on them. Empty comments are the desk's."""

    ids: list[Id]
    target_comment: str = ""
    source_comment: str = ""
    target_comment_is_public: bool = False
    source_comment_is_public: bool = False


class JobStatus(Struct):
    """How far a job is: `queued`, `working`, `failed` or `completed`."""

    id: str
    url: str | None = None
    """Where to ask again; None where it is done already."""
    total: int | None = None
    progress: int | None = None
    status: str = ""
    message: str | None = None
    results: Json = None


class OneJobStatus(Struct):
    """An answer with one job."""

    job_status: JobStatus
