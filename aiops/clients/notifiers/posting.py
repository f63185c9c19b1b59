"""One POST to an address that a setting names: no redirect, no proxy of the environment, no answer read."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from contextlib import AbstractAsyncContextManager

import httpx2

from aiops.clients.notifiers.message import UndeliveredError
from aiops.core.errors import ConfigurationError

SECONDS = 10.0
"""Wall seconds for the whole exchange: a receiver that drips its answer is one that does not answer."""

MOST_RETRY_AFTER = 300.0


def checked_secret_address(setting: str, url: str) -> httpx2.URL:
    """Raises `ConfigurationError` naming the setting, and not the address: it may be a secret."""
    try:
        address = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise ConfigurationError(f"{setting}: not a URL") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise ConfigurationError(f"{setting}: must begin with https://")
    if address.scheme == "http" and not _is_loopback(address.host):
        raise ConfigurationError(f"{setting}: must begin with https:// (http:// is for this machine only)")
    return address


class Poster:
    """Posts to one address. `name` stands in error texts."""

    def __init__(self, name: str, address: httpx2.URL, *, seconds: float = SECONDS) -> None:
        self._name = name
        self._address = address
        self._seconds = seconds
        tls = ssl.create_default_context() if address.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._http = httpx2.AsyncClient(verify=tls, trust_env=False, follow_redirects=False, timeout=seconds)

    async def post(self, body: bytes, headers: dict[str, str]) -> None:
        """Raises `UndeliveredError` unless the receiver answers with a status from 200 to 299."""
        try:
            async with asyncio.timeout(self._seconds), self._request(body, headers) as response:
                status, after = response.status_code, response.headers.get("retry-after", "")
        except TimeoutError as error:
            raise UndeliveredError(f"{self._name} did not answer within {self._seconds:g} s") from error
        except httpx2.RequestError as error:
            raise UndeliveredError(f"{self._name} did not answer: {type(error).__name__}") from error
        if 200 <= status < 300:
            return
        told = "a redirect, which is not followed" if 300 <= status < 400 else f"HTTP {status}"
        seconds = min(float(after), MOST_RETRY_AFTER) if after.isascii() and after.isdecimal() else 0.0
        raise UndeliveredError(f"{self._name} answered with {told}", seconds)

    def _request(self, body: bytes, headers: dict[str, str]) -> AbstractAsyncContextManager[httpx2.Response]:
        return self._http.stream(
            "POST", self._address, content=body, headers={"Content-Type": "application/json", **headers}
        )

    async def close(self) -> None:
        await self._http.aclose()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
