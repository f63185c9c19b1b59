"""Whether a web request was meant for us: the checks that every HTTP server of ours makes first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import SplitResult, urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_for(names: Collection[str], hosts: Sequence[str]) -> bool:
    """Whether the request names one of `names`. `hosts` are its Host headers, of which there must be one.

    It stops a site that rebinds its own name to our address."""
    return len(hosts) == 1 and _split(f"//{hosts[0]}").hostname in names


def is_own_origin(origin: str, host: str) -> bool:
    """Whether the Origin header is that of our own page at the Host header `host`.

    It stops a script or a form of another site, also of one on another port of this machine."""
    parts = _split(origin)
    return parts.scheme in ("http", "https") and parts.netloc == host


def _split(url: str) -> SplitResult:
    """The parts of a URL; one that cannot be read has none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
