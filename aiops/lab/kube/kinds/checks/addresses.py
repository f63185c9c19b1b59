"""IP addresses and networks."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import invalid_value


def is_ip(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def ip(value: str, path: str) -> Iterator[Cause]:
    if not is_ip(value):
        yield invalid_value(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")


def cidr(value: str, path: str) -> Iterator[Cause]:
    try:
        if "/" not in value:
            raise ValueError(value)
        ip_network(value, strict=False)
    except ValueError:
        yield invalid_value(path, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")
        return
    try:
        ip_network(value)
    except ValueError:
        yield invalid_value(path, value, "must not have bits set beyond the prefix length")
