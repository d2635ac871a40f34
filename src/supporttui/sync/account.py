"""The account as the cache keeps it, so that the header is right before the desk has answered."""

from typing import Final

import msgspec

from supporttui.domain.safetext import OutsideText
from supporttui.helpdesks.base import Account

_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=lambda text: text.raw.encode("utf-8", "surrogatepass"))
_DECODER: Final = msgspec.msgpack.Decoder(
    Account, dec_hook=lambda _type, raw: OutsideText(raw.decode("utf-8", "surrogatepass"))
)


def encode_account(account: Account) -> bytes:
    """The stored form."""
    return _ENCODER.encode(account)


def decode_account(blob: bytes) -> Account | None:
    """The account, or None where another version stored it differently."""
    try:
        return _DECODER.decode(blob)
    except msgspec.DecodeError:
        return None
