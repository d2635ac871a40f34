"""Which names in a Host header are this desk's: a page of another site that a browser points here is refused."""

import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Final

_HOST: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def own_names(host: str, more: Iterable[str] = ()) -> frozenset[str]:
    """The names under which a desk that listens on an address may be asked, beside the address itself."""
    found = (host, "localhost", socket.gethostname(), *more)
    return frozenset(_plain(name) for name in found if name)


def name_in(header: str) -> str | None:
    """The host that a Host header names, without its port; None where it names none."""
    found = _HOST.fullmatch(header)
    return None if found is None else _plain(found[1])


def is_own(name: str, names: frozenset[str], listening_on: str) -> bool:
    """Whether a name means this desk; `listening_on` is the address at which this connection arrived."""
    return name in names or _is_same_place(name, listening_on)


def _is_same_place(name: str, address: str) -> bool:
    """Whether a name is a numeric address and that of the connection; those of loopback are all one."""
    try:
        asked, here = _numeric(name), _numeric(address)
    except ValueError:
        return False
    return asked == here or (asked.is_loopback and here.is_loopback)


def _numeric(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    found = ipaddress.ip_address(text.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found


def _plain(name: str) -> str:
    return name.strip("[]").rstrip(".").lower()
