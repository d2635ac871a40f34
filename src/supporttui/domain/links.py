"""Finds links in text from outside and spells them so that nothing in them is hidden; opens nothing."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from supporttui.domain.safe_text import OutsideText, SafeText, safe_line

MAX_ADDRESS: Final = 2000
MAX_LINKS: Final = 200

_FOUND: Final = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]\x00-\x20\x7f-\xa0]+", re.IGNORECASE)
_TRAILING_PUNCTUATION: Final = ".,;:!?)*_~…»”’"
_UNESCAPED: Final = "!$&'()*+,;=:@/?%-._~#"
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Link:
    """A whole address in plain ASCII: what is shown is exactly what is opened."""

    address: str

    @property
    def shown(self) -> SafeText:
        """The form for a screen."""
        return safe_line(OutsideText(self.address))


def links_in(texts: Iterable[OutsideText]) -> tuple[Link, ...]:
    """The distinct links of these texts, in order. Only plain web addresses count."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _FOUND.finditer(text.raw):
            address = plain_address(match.group())
            if address:
                found[address] = None
            if len(found) == MAX_LINKS:
                return tuple(Link(each) for each in found)
    return tuple(Link(each) for each in found)


def exact_links(text: str) -> Iterator[tuple[int, str]]:
    """Addresses that stand in a text exactly as they are: where each begins, and the address."""
    for match in _FOUND.finditer(text):
        address = plain_address(match.group())
        if address and match.group().startswith(address) and match.group().rstrip(_TRAILING_PUNCTUATION) == address:
            yield match.start(), address


def is_written_in(part: str, text: OutsideText) -> bool:
    """Whether somebody wrote this in one piece."""
    return part in text.raw


def plain_address(written: str) -> str:
    """An address with its host in punycode and the rest escaped; empty where it is none that should be opened."""
    try:
        parts = urlsplit(written.rstrip(_TRAILING_PUNCTUATION))
        host = _host(parts)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    rest = quote(parts._replace(scheme="", netloc="").geturl(), safe=_UNESCAPED, errors="replace")
    address = f"{parts.scheme}://{host}{rest}"
    return address if len(address) <= MAX_ADDRESS and address.isascii() and address.isprintable() else ""


def _host(parts: SplitResult) -> str:
    """Host and port as they stand on the wire; empty where credentials stand before them, or they are no host.

    Raises ValueError where a part of it has no such form.
    """
    if "@" in parts.netloc or not parts.hostname:
        return ""
    labels = [label.encode("idna").decode("ascii") for label in parts.hostname.rstrip(".").split(".")]
    host = ".".join(labels).lower() + (f":{parts.port}" if parts.port is not None else "")
    return host if _HOST.fullmatch(host) else ""
