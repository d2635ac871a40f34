"""How the desk says no: each refusal knows its status and its body in the Zendesk API's form."""

from typing import Any

import msgspec

NO_SUCH_RECORD = "Not found"
VALIDATION = "Record validation errors"


class Refusal(Exception):
    """A request that is not carried out; nothing of it was applied."""

    status = 400

    def __init__(self, error: Any, description: str = "", details: Any = None) -> None:  # noqa: ANN401 - JSON
        super().__init__(description or str(error))
        self.error = error
        self.description = description
        self.details = details

    def body(self) -> bytes:
        """The answer's JSON."""
        fields: dict[str, Any] = {"error": self.error}
        if self.description:
            fields["description"] = self.description
        if self.details is not None:
            fields["details"] = self.details
        return msgspec.json.encode(fields)


class RecordNotFound(Refusal):
    """It is not there, or not for this person; the answer is the same."""

    status = 404

    def __init__(self) -> None:
        super().__init__("RecordNotFound", NO_SUCH_RECORD)


class RecordInvalid(Refusal):
    """A field has a value that is not allowed, for the reason given."""

    status = 422

    def __init__(self, field: str, sentence: str) -> None:
        details = {field: [{"description": sentence, "error": "InvalidValue"}]}
        super().__init__("RecordInvalid", VALIDATION, details)
        self.sentence = sentence


class BadRequest(Refusal):
    """The request itself cannot be read."""

    def __init__(self, message: str, title: str = "Invalid attribute") -> None:
        super().__init__({"title": title, "message": message})


class NotAuthenticated(Refusal):
    """No token, or none that is known."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Couldn't authenticate you")


class NotPermitted(Refusal):
    """This person's role does not allow it."""

    status = 403

    def __init__(self, message: str = "You do not have access to this page. Please contact the account owner.") -> None:
        super().__init__({"title": "Forbidden", "message": message})


class StaleUpdate(Refusal):
    """The ticket has changed since the stamp that came with the update."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            "UpdateConflict",
            "Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try "
            "again.",
        )


class KeyReused(Refusal):
    """An idempotency key came back with another request."""

    def __init__(self) -> None:
        super().__init__("IdempotentRequestError", "Request parameters don't match the given idempotency key")


class TooLarge(Refusal):
    """The request's body is larger than the desk takes."""

    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__("RequestEntityTooLarge", f"The request is larger than {limit_bytes} bytes.")


class TooManyRequests(Refusal):
    """The person has used up the minute's requests."""

    status = 429

    def __init__(self) -> None:
        super().__init__("APIRateLimitExceeded", "Number of allowed API requests per minute exceeded")


class OutOfOrder(Refusal):
    """The desk's own database does not work at the moment."""

    status = 503

    def __init__(self, description: str) -> None:
        super().__init__("ServiceUnavailable", description)
