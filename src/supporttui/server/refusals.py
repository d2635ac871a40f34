"""How the desk says no: each refusal knows its status and its body in the Zendesk API's form."""

import msgspec

NO_SUCH_RECORD = "Not found"
VALIDATION = "Record validation errors"


class Problem(msgspec.Struct):
    """What is wrong with a request."""

    title: str
    message: str


class FieldProblem(msgspec.Struct):
    """What is wrong with a field."""

    description: str
    error: str


class Refused(msgspec.Struct, omit_defaults=True):
    """A refusal on the wire."""

    error: str | Problem
    description: str = ""
    details: dict[str, list[FieldProblem]] = {}


class Refusal(Exception):
    """A request that is not carried out; nothing of it was applied."""

    status = 400

    def __init__(
        self, error: str | Problem, description: str = "", details: dict[str, list[FieldProblem]] | None = None
    ) -> None:
        super().__init__(description or str(error))
        self.told = Refused(error, description, details or {})

    def body(self) -> bytes:
        """The answer's JSON."""
        return msgspec.json.encode(self.told)


class RecordNotFound(Refusal):
    """It is not there, or not for this person; the answer is the same."""

    status = 404

    def __init__(self) -> None:
        super().__init__("RecordNotFound", NO_SUCH_RECORD)


class RecordInvalid(Refusal):
    """A field has a value that is not allowed, for the reason given."""

    status = 422

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__("RecordInvalid", VALIDATION, {field: [FieldProblem(sentence, "InvalidValue")]})
        self.sentence = sentence


class BadRequest(Refusal):
    """The request itself cannot be read."""

    def __init__(self, message: str, title: str = "Invalid attribute") -> None:
        super().__init__(Problem(title, message))


class NotAuthenticated(Refusal):
    """No token, or none that is known."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Couldn't authenticate you")


class NotPermitted(Refusal):
    """This person's role does not allow it."""

    status = 403

    def __init__(self, message: str = "You do not have access to this page. Please contact the account owner.") -> None:
        super().__init__(Problem("Forbidden", message))


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


class HeadersTooLarge(Refusal):
    """The request's headers and parameters are longer than the desk takes."""

    status = 431

    def __init__(self, limit_bytes: int) -> None:
        super().__init__("RequestHeaderFieldsTooLarge", f"The request's headers are larger than {limit_bytes} bytes.")


class NotThisDesk(Refusal):
    """The request was meant for another server, by the name in its Host header."""

    status = 421

    def __init__(self, host: str) -> None:
        super().__init__(
            "MisdirectedRequest",
            f"This desk does not answer for {host}; whoever serves it can allow the name with --hostname.",
        )


class TooManyStreams(Refusal):
    """The person listens to the changes as often as one may."""

    status = 429

    def __init__(self, limit: int) -> None:
        super().__init__("TooManyStreams", f"One person may have {limit} event streams open; close another one.")


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
