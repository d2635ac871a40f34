"""The API's errors: each knows its HTTP status and its body in the Zendesk API's form."""

import msgspec

NO_SUCH_RECORD = "Not found"
VALIDATION = "Record validation errors"


class ErrorMessage(msgspec.Struct):
    """The `error` object of a bad request."""

    title: str
    message: str


class FieldError(msgspec.Struct):
    """One error in a field."""

    description: str
    error: str


class ErrorResponse(msgspec.Struct, omit_defaults=True):
    """The JSON body of an error response."""

    error: str | ErrorMessage
    description: str = ""
    details: dict[str, list[FieldError]] = {}


class ApiError(Exception):
    """A request failed; nothing of it was applied."""

    status = 400

    def __init__(
        self, error: str | ErrorMessage, description: str = "", details: dict[str, list[FieldError]] | None = None
    ) -> None:
        super().__init__(description or str(error))
        self.response = ErrorResponse(error, description, details or {})

    def body(self) -> bytes:
        """The response's JSON."""
        return msgspec.json.encode(self.response)


class RecordNotFound(ApiError):
    """The record does not exist, or this person may not see it; the response is the same."""

    status = 404

    def __init__(self) -> None:
        super().__init__("RecordNotFound", NO_SUCH_RECORD)


class EndpointNotFound(ApiError):
    """No route has this path."""

    status = 404

    def __init__(self) -> None:
        super().__init__("InvalidEndpoint", NO_SUCH_RECORD)


class MethodNotAllowed(ApiError):
    """The path has no such method."""

    status = 405

    def __init__(self) -> None:
        super().__init__(ErrorMessage("Invalid request", "Method Not Allowed"))


class RecordInvalid(ApiError):
    """A field has an invalid value, for the given reason."""

    status = 422

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__("RecordInvalid", VALIDATION, {field: [FieldError(sentence, "InvalidValue")]})
        self.sentence = sentence


class BadRequest(ApiError):
    """The request itself is malformed."""

    def __init__(self, message: str, title: str = "Invalid attribute") -> None:
        super().__init__(ErrorMessage(title, message))


class NotAuthenticated(ApiError):
    """No token, or none that is known."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Couldn't authenticate you")


class NotPermitted(ApiError):
    """This person's role does not allow it."""

    status = 403

    def __init__(self, message: str = "You do not have access to this page. Please contact the account owner.") -> None:
        super().__init__(ErrorMessage("Forbidden", message))


class UpdateConflict(ApiError):
    """The ticket has changed since the `updated_stamp` of the update."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            "UpdateConflict",
            "Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try "
            "again.",
        )


class IdempotencyKeyReused(ApiError):
    """An idempotency key was sent with a different request."""

    def __init__(self) -> None:
        super().__init__("IdempotentRequestError", "Request parameters don't match the given idempotency key")


class RequestTooLarge(ApiError):
    """The request's body exceeds the size limit."""

    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__("RequestEntityTooLarge", f"The request is larger than {limit_bytes} bytes.")


class HeadersTooLarge(ApiError):
    """The request's headers and parameters exceed the size limit."""

    status = 431

    def __init__(self, limit_bytes: int) -> None:
        super().__init__("RequestHeaderFieldsTooLarge", f"The request's headers are larger than {limit_bytes} bytes.")


class MisdirectedRequest(ApiError):
    """The request was meant for another server, by the name in its Host header."""

    status = 421

    def __init__(self, host: str) -> None:
        super().__init__(
            "MisdirectedRequest",
            f"This desk does not answer for {host}; whoever serves it can allow the name with --hostname.",
        )


class UnsupportedMediaType(ApiError):
    """The body of a write is not marked as JSON."""

    status = 415

    def __init__(self) -> None:
        super().__init__("UnsupportedMediaType", "Send the body with the header Content-Type: application/json.")


class CrossSiteWrite(ApiError):
    """A browser sent a write on behalf of another site's page."""

    status = 403

    def __init__(self) -> None:
        super().__init__(ErrorMessage("Forbidden", "This desk takes no changes from the pages of another site."))


class DiskFull(ApiError):
    """The disk has no space for the upload."""

    status = 507

    def __init__(self) -> None:
        super().__init__(
            "InsufficientStorage",
            "The desk's disk is full: nothing of this was kept. Whoever serves it has to free space.",
        )


class TooManyAtOnce(ApiError):
    """The person has reached the limit of concurrent requests."""

    status = 429

    def __init__(self, limit: int) -> None:
        super().__init__(
            "TooManyRequestsAtOnce", f"One person may have {limit} requests under way; try again in a moment."
        )


class TooManyStreams(ApiError):
    """The person has reached the limit of open event streams."""

    status = 429

    def __init__(self, limit: int) -> None:
        super().__init__("TooManyStreams", f"One person may have {limit} event streams open; close another one.")


class TooManyRequests(ApiError):
    """The person has used up the minute's requests."""

    status = 429

    def __init__(self) -> None:
        super().__init__("APIRateLimitExceeded", "Number of allowed API requests per minute exceeded")


class ServiceUnavailable(ApiError):
    """The desk's database is unavailable at the moment."""

    status = 503

    def __init__(self, description: str) -> None:
        super().__init__("ServiceUnavailable", description)


class InternalError(ApiError):
    """An unexpected exception; it is written to the desk's log and not into the response."""

    status = 500

    def __init__(self) -> None:
        super().__init__("InternalError", "The desk made a mistake; its log says which.")
