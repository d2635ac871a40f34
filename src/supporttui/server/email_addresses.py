"""The form in which the desk stores and compares e-mail addresses, so that no two accounts look alike."""

import re
import unicodedata
from typing import Final

EMAIL_MAX: Final = 254
_EMAIL: Final = re.compile(r"[^\s@<>,;\"()]+@[^\s@<>,;\"()]+")
_NOT_SHOWN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of control, format, surrogate, private-use, unassigned and line-separating characters."""

_INVISIBLE: Final = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810)))
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
"""Characters of other categories that no terminal or browser shows."""


_IDEOGRAPHIC_FULL_STOP: Final = "\u3002"
"""A dot to every resolver (RFC 3490, 3.1), also in its halfwidth form, which NFKC makes this one."""


def email_key(email: str) -> str | None:
    """Return an address as stored and compared: NFKC and case-folded. None if invalid or with invisible characters.

    Letters of different scripts that look alike stay distinct, as it cannot be known which one is meant.
    """
    sent = email.strip()
    if len(sent) > EMAIL_MAX:
        return None
    # Folding can undo the normal form, as for U+0345.
    address = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", sent).casefold())
    address = address.replace(_IDEOGRAPHIC_FULL_STOP, ".")
    if any(unicodedata.category(each) in _NOT_SHOWN or each in _INVISIBLE for each in sent + address):
        return None
    return address if len(address) <= EMAIL_MAX and _EMAIL.fullmatch(address) else None


def former_email_key(email: str) -> str:
    """Return an address as versions before schema 0002 stored it; accounts that look alike have kept theirs."""
    return email.strip().lower()
