"""Reads error responses: the desk's own text and its error codes.

https://developer.zendesk.com/api-reference/introduction/requests/#400-range has some of its forms.
"""

import json
from typing import Final

from supporttui.helpdesks.zendesk.answer_decoding import bounded_number

MAX_ERROR_BODY_BYTES: Final = 256 * 1024
"""The size limit of an error response; a longer one is not an error message."""


def error_text(body: bytes) -> str:
    """Return the desk's error text from any of Zendesk's formats; plain text is returned unchanged."""
    try:
        sent = _loaded_error(body)
    except (ValueError, RecursionError):
        text = body[:2000].decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else text
    if not isinstance(sent, dict):
        return ""
    details = _details(sent.get("details"))
    error = sent.get("error")
    if isinstance(error, dict):
        error = error.get("message") or error.get("title")
    listed = _sentences(sent.get("errors"))
    texts = [details] if details else [sent.get("description"), sent.get("message"), error, listed]
    return next((text for text in texts if isinstance(text, str) and text), "")


def error_words(body: bytes) -> frozenset[str]:
    """Return the error codes of a response in any of Zendesk's formats; empty if it has none."""
    try:
        sent = _loaded_error(body)
    except (ValueError, RecursionError):
        return frozenset()
    if not isinstance(sent, dict):
        return frozenset()
    listed = sent.get("errors")
    named = [sent, sent.get("error"), *(listed if isinstance(listed, list) else [])]
    words = [each.get(name) for each in named if isinstance(each, dict) for name in ("error", "code", "title")]
    return frozenset(word for word in words if isinstance(word, str))


def _loaded_error(body: bytes) -> object:
    return json.loads(body, parse_int=bounded_number) if len(body) <= MAX_ERROR_BODY_BYTES else None


_ERROR_TEXTS: Final = ("description", "detail", "message", "title")
_MAX_ERROR_DEPTH: Final = 4


def _sentences(sent: object, depth: int = 0) -> str:
    """Join the sentences of an error's details, however they are nested."""
    if isinstance(sent, str):
        return sent
    if depth == _MAX_ERROR_DEPTH:
        return ""
    if isinstance(sent, list):
        return " ".join(filter(None, (_sentences(each, depth + 1) for each in sent)))
    if not isinstance(sent, dict):
        return ""
    told = next((sent[name] for name in _ERROR_TEXTS if isinstance(sent.get(name), str) and sent[name]), None)
    inner = (each for each in sent.values() if isinstance(each, (dict, list)))
    return told or " ".join(filter(None, (_sentences(each, depth + 1) for each in inner)))


def _details(details: object) -> str:
    """Join the sentences of `{"status": [{"description": "…"}]}`."""
    return _sentences(details) if isinstance(details, (dict, list)) else ""
