"""Messages go to the named address and nowhere else; what comes back is a status."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest

from aiops.clients.notifiers.message import Message, UndeliveredError
from aiops.clients.notifiers.posting import checked_secret_address
from aiops.clients.notifiers.signature import verify
from aiops.clients.notifiers.slack import SlackChannel
from aiops.clients.notifiers.webhook import WebhookChannel
from aiops.core.clock import Stopwatch, VirtualClock
from aiops.core.errors import ConfigurationError, InvalidInputError
from tests.support.receiver import Receiver, receiving, status

SECRET = "0123456789abcdef"
NOW = 1_700_000_000.0


async def _send(receiver: Receiver, message: Message, seconds: float = 5.0) -> None:
    channel = WebhookChannel(receiver.url, SECRET, clock=VirtualClock(NOW), seconds=seconds)
    try:
        await channel.send(message)
    finally:
        await channel.close()


async def test_a_signed_message_arrives(message: Callable[..., Message]) -> None:
    async with receiving() as receiver:
        await _send(receiver, message())
    (request,) = receiver.requests
    verify(SECRET, request.headers, request.body, NOW)
    with pytest.raises(InvalidInputError):
        verify(SECRET, request.headers, request.body + b" ", NOW)
    told = orjson.loads(request.body)
    assert (told["version"], told["id"], told["occasion"]) == (1, "inc-1-7", "approval")
    assert told["change"]["approval"] == "apr-1"
    assert request.headers["aiops-delivery"] == "inc-1-7"
    assert request.headers["content-type"] == "application/json"


async def test_slack_gets_blocks(message: Callable[..., Message]) -> None:
    async with receiving() as receiver:
        channel = SlackChannel(receiver.url)
        await channel.send(message())
        await channel.close()
    assert orjson.loads(receiver.requests[0].body)["blocks"][0]["type"] == "header"


async def test_a_redirect_is_not_followed(message: Callable[..., Message]) -> None:
    async with receiving() as other, receiving(lambda _: status(307, f"Location: {other.url}")) as receiver:
        with pytest.raises(UndeliveredError, match="a redirect, which is not followed"):
            await _send(receiver, message())
        assert len(receiver.requests) == 1
        assert other.requests == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (status(500), "HTTP 500"),
        (status(404), "HTTP 404"),
        (None, "did not answer within 0.3 s"),
        (b"nonsense", "RemoteProtocolError"),
        (b"", "RemoteProtocolError"),
        (b"HTTP/1.1 20", "RemoteProtocolError"),
    ],
)
async def test_what_is_not_taken_is_told_without_the_address(
    message: Callable[..., Message], answer: bytes | None, told: str
) -> None:
    async with receiving(lambda _: answer) as receiver:
        with pytest.raises(UndeliveredError, match=told) as caught:
            await _send(receiver, message(), 0.3 if answer is None else 5.0)
    assert "hidden" not in str(caught.value)


async def test_nobody_listening_is_told(message: Callable[..., Message]) -> None:
    async with receiving() as receiver:
        pass
    with pytest.raises(UndeliveredError, match="the webhook did not answer: ConnectError"):
        await _send(receiver, message())


async def test_an_endless_answer_is_not_read(message: Callable[..., Message]) -> None:
    watch = Stopwatch()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n"
    async with receiving(lambda _: head + b"x" * 100_000) as receiver:
        await _send(receiver, message())
    assert watch.seconds() < 4


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("99999", 300.0), ("soon", 0.0), ("-1", 0.0)])
async def test_a_receiver_may_ask_for_time(message: Callable[..., Message], header: str, seconds: float) -> None:
    async with receiving(lambda _: status(429, f"Retry-After: {header}")) as receiver:
        with pytest.raises(UndeliveredError) as caught:
            await _send(receiver, message())
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "example.com",
        "",
        "http://127.0.0.1.evil.example/",
    ],
)
def test_only_https_or_this_machine(url: str) -> None:
    with pytest.raises(ConfigurationError, match="webhook_url") as caught:
        checked_secret_address("webhook_url", url)
    assert not url or url not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://example.com/x", "http://127.0.0.1:1/", "http://[::1]:2/", "http://localhost/"]
)
def test_good_addresses(url: str) -> None:
    assert checked_secret_address("webhook_url", url).host


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="webhook_secret"):
        WebhookChannel("https://example.com", "short")
