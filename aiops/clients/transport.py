"""The one way in which our clients speak HTTP: timeouts, retries of reads, errors of our own tree."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import httpx2
import orjson

from aiops.clients.answers import Answers
from aiops.core.clock import pause
from aiops.core.errors import (
    ClusterUnreachableError,
    ConfigurationError,
    ConflictError,
    DeniedError,
    NotFoundError,
    ServiceError,
    TransportError,
)

JSON = "application/json"
RETRIED_STATUS = frozenset({429, 502, 503, 504})
AWAY = frozenset({401, 502, 503, 504})
"""What an API server answers, or what stands before it, when nobody can work with it: expired credentials may be
renewed, and a server that starts comes up."""

MAX_RETRY_AFTER = 10.0
"""Wall seconds: a server that asks for more than this is reported instead of waited for."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a read is tried in all, and the first wait between two tries in wall seconds; it doubles each time."""

    attempts: int = 3
    wait: float = 0.2


class HttpService:
    """A JSON service at one base address. `name` stands in every error message ("Prometheus at http://...").

    `transport` replaces the network (a test's ASGI application); `tls` is the context for https. Of a `cluster`, no
    answer and the statuses `AWAY` are `ClusterUnreachableError`.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        auth: httpx2.Auth | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
        proxy: str | None = None,
        timeout: float = 30.0,
        retry: Retry | None = None,
        cluster: bool = False,
    ) -> None:
        address = checked_address(name, url)
        self.name = f"{name} at {address.scheme}://{address.netloc.decode('ascii')}"
        self.retry = retry or Retry()
        self._cluster = cluster
        self._answers: Answers[httpx2.Response] | None = None
        if transport is None and address.scheme == "https" and tls is None:
            tls = ssl.create_default_context()
        self._http = httpx2.AsyncClient(
            base_url=address,
            auth=auth,
            transport=transport,
            verify=tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            proxy=proxy,
            trust_env=False,
            timeout=httpx2.Timeout(timeout, connect=5.0),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=20),
        )

    async def close(self) -> None:
        await self._http.aclose()

    def reading_once(self) -> Self:
        """The same service for one look: what is read twice with `get` is asked for once. Writes are sent as ever."""
        once = copy(self)
        once._answers = Answers()
        return once

    async def get(
        self, path: str, params: Mapping[str, Any] | None = None, headers: httpx2.Headers | None = None
    ) -> httpx2.Response:
        """Read, trying again after a broken connection, a time-out or an overloaded server."""
        if self._answers is None:
            return await self._get(path, params, headers)
        question = path, str(httpx2.QueryParams(params)), str(headers)
        return await self._answers.of(question, lambda: self._get(path, params, headers))

    async def _get(
        self, path: str, params: Mapping[str, Any] | None, headers: httpx2.Headers | None
    ) -> httpx2.Response:
        wait = self.retry.wait
        for _ in range(self.retry.attempts - 1):
            try:
                return await self._once("GET", path, params=params, headers=headers)
            except (TransportError, ClusterUnreachableError):
                await pause(wait)
            except _RetriedError as error:
                if error.after > MAX_RETRY_AFTER:
                    raise self._final(error) from error
                await pause(max(wait, error.after))
            except ServiceError as error:
                raise self._final(error) from error
            wait *= 2
        return await self.send("GET", path, params=params, headers=headers)

    async def get_json(
        self, path: str, params: Mapping[str, Any] | None = None, headers: httpx2.Headers | None = None
    ) -> Any:
        return self.decoded(await self.get(path, params, headers))

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: httpx2.Headers | None = None,
        timeout: float | None = None,
    ) -> httpx2.Response:
        """One try. Raises `TransportError` without an answer, `ServiceError` and its kinds on an error status."""
        try:
            return await self._once(method, path, params=params, content=content, headers=headers, timeout=timeout)
        except ServiceError as error:
            raise self._final(error) from error

    async def _once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: httpx2.Headers | None = None,
        timeout: float | None = None,
    ) -> httpx2.Response:
        limit = httpx2.USE_CLIENT_DEFAULT if timeout is None else httpx2.Timeout(timeout, connect=5.0)
        try:
            response = await self._http.request(
                method, path, params=params, content=content, headers=headers, timeout=limit
            )
        except httpx2.RequestError as error:
            raise self._no_answer(error) from error
        if response.is_success:
            return response
        raise self.error_of(response)

    @asynccontextmanager
    async def lines(
        self, path: str, params: Mapping[str, Any], headers: httpx2.Headers | None, read_timeout: float
    ) -> AsyncIterator[AsyncIterator[str]]:
        """The lines of a streamed answer as they come; `read_timeout` is the longest silence in wall seconds."""
        limit = httpx2.Timeout(30.0, connect=5.0, read=read_timeout)
        try:
            async with self._http.stream("GET", path, params=params, headers=headers, timeout=limit) as response:
                if not response.is_success:
                    await response.aread()
                    raise self._final(self.error_of(response))
                yield response.aiter_lines()
        except httpx2.RequestError as error:
            raise self._no_answer(error) from error

    def decoded(self, response: httpx2.Response) -> Any:
        try:
            return orjson.loads(response.content)
        except orjson.JSONDecodeError as error:
            start = response.text[:80]
            raise ServiceError(f"{self.name}: the answer is not JSON: {start!r}", response.status_code) from error

    @contextmanager
    def readable(self, path: str) -> Iterator[None]:
        """Around the reading of an answer: what stands at the address may be another service, or cut the answer short.

        Raises `ServiceError` where a part is not there or of another type."""
        try:
            yield
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise ServiceError(f"{self.name}: the answer to {path} is not as expected: {error!r}", 200) from error

    def error_of(self, response: httpx2.Response) -> ServiceError:
        """The error of our tree for an error status, with the server's own message."""
        status = response.status_code
        message = f"{self.name}: {_server_message(response)}"
        for kind in (NotFoundError, ConflictError, DeniedError):
            if kind(message).status == status:
                return kind(message)
        if status in RETRIED_STATUS:
            return _RetriedError(message, status, _seconds(response.headers.get("retry-after", "")))
        return ServiceError(message, status)

    def _final(self, error: ServiceError) -> ServiceError | ClusterUnreachableError:
        """What an error status means once it is not tried again."""
        if self._cluster and error.status in AWAY:
            return ClusterUnreachableError(str(error), error.status)
        return error

    def _no_answer(self, error: httpx2.RequestError) -> TransportError | ClusterUnreachableError:
        message = f"{self.name} did not answer: {type(error).__name__} {error}".rstrip()
        return ClusterUnreachableError(message) if self._cluster else TransportError(message)


class BearerAuth(httpx2.Auth):
    """Sends a fixed token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx2.Request) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class ReadClient:
    """What the clients of one read-only service share: how they are made and closed."""

    service: ClassVar[str]
    """The service's name, for error texts."""

    def __init__(self, http: HttpService) -> None:
        self._http = http

    @classmethod
    def at(
        cls,
        url: str,
        *,
        token: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        retry: Retry | None = None,
    ) -> Self:
        """A client of the service at `url`, with a bearer token where it wants one."""
        auth = BearerAuth(token) if token else None
        return cls(HttpService(cls.service, url, auth=auth, transport=transport, retry=retry))

    def reading_once(self) -> Self:
        """A client for one look, over the same connections: what is asked for twice is read once."""
        once = copy(self)
        once._http = self._http.reading_once()
        return once

    async def close(self) -> None:
        await self._http.close()


class _RetriedError(ServiceError):
    """A status that says "later"; `after` is what the server asked for, in seconds."""

    def __init__(self, message: str, status: int, after: float) -> None:
        super().__init__(message, status)
        self.after = after


def checked_address(name: str, url: str) -> httpx2.URL:
    """The base address of a service called `name`. Raises `ConfigurationError` where it is no http address."""
    try:
        address = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise ConfigurationError(f"the address of {name} is no URL: {url!r}") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise ConfigurationError(f"the address of {name} must begin with http:// or https://: {url!r}")
    return address


def _server_message(response: httpx2.Response) -> str:
    """The `message` of a Kubernetes Status, the `error` of Prometheus, or the start of the body."""
    fallback = f"HTTP {response.status_code} {response.text[:200].strip()}".rstrip()
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return fallback
    if not isinstance(body, dict):
        return fallback
    for key in ("message", "error", "detail"):
        if isinstance(body.get(key), str) and body[key]:
            return str(body[key])
    return fallback


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else 0.0
