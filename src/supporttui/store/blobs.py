"""The cache's stored form of tickets, people and conversations.

Texts are bytes, so that a NUL or a lone surrogate in a subject is kept like any other character. Fields are stored
by name, so that a field added with a default needs no new layout.
"""

from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec

from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Conversation, Person, Ticket

_CACHED_TEXT_BYTES: Final = 24
"""Texts up to this many bytes are mostly repeated words (statuses, tags, groups): one object serves them all."""


def encode_text(text: str) -> bytes:
    """Encode any `str`, lone surrogates included."""
    return text.encode("utf-8", "surrogatepass")


def decode_text(raw: bytes) -> str:
    """Decode what `encode_text` wrote."""
    return raw.decode("utf-8", "surrogatepass")


def _encoded(value: object) -> bytes:
    if isinstance(value, OutsideText):
        return encode_text(value.raw)
    raise NotImplementedError(f"no stored form for {type(value)}")


@lru_cache(8192)
def _cached_text(raw: bytes) -> OutsideText:
    return OutsideText(decode_text(raw))


def _decoded(_type: type, value: bytes) -> OutsideText:
    # The only type without a native form is OutsideText, so the type is not looked at: this runs per field.
    return _cached_text(value) if len(value) <= _CACHED_TEXT_BYTES else OutsideText(decode_text(value))


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_encoded)
_TICKET: Final = msgspec.msgpack.Decoder(Ticket, dec_hook=_decoded)
_PERSON: Final = msgspec.msgpack.Decoder(Person, dec_hook=_decoded)
_CONVERSATION: Final = msgspec.msgpack.Decoder(Conversation, dec_hook=_decoded)
_INSTANT: Final = msgspec.msgpack.Decoder(datetime)

UnreadableBlob: Final = (msgspec.DecodeError, UnicodeDecodeError)
"""What decoding raises on bytes that we did not write."""


def encode(value: Ticket | Person | Conversation) -> bytes:
    """The stored form; equal values give equal bytes."""
    return _ENCODER.encode(value)


def decode_ticket(blob: bytes) -> Ticket:
    """A ticket from its stored form."""
    return _TICKET.decode(blob)


def decode_person(blob: bytes) -> Person:
    """A person from their stored form."""
    return _PERSON.decode(blob)


def decode_conversation(blob: bytes) -> Conversation:
    """A conversation from its stored form."""
    return _CONVERSATION.decode(blob)


def encode_instant(at: datetime) -> bytes:
    """An aware instant, to the microsecond."""
    return _ENCODER.encode(at)


def decode_instant(blob: bytes) -> datetime:
    """The instant, in UTC."""
    return _INSTANT.decode(blob)
