"""Slack gets blocks within its limits, in which no text is markup."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiops.clients.notifiers.message import Message, Occasion
from aiops.clients.notifiers.slack import escaped, fitted, payload

HOSTILE = "<!channel> <https://evil.example|here> ``` *b* & &lt; " * 200


def _texts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("type") in ("plain_text", "mrkdwn"):
            yield value
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def test_an_approval_shows_cause_diff_and_link(message: Callable[..., Message]) -> None:
    body = payload(message())
    assert body["text"] == "Approval needed: Errors &lt;!channel&gt;"
    texts = [text["text"] for text in _texts(body)]
    assert "Cause, 90% sure: Deployment/shop/cart (scaling.replicas)\nfew" in texts
    assert "```\n-replicas: 1\n+replicas: 2\n```" in texts
    assert "<https://ops.example.com/incident/inc-1|Review the change>" in texts


def test_without_cause_change_or_link_there_is_still_a_message(message: Callable[..., Message]) -> None:
    plain = message(occasion=Occasion.OPENED, cause=None, change=None, link=None, summary="", namespaces=())
    texts = [text["text"] for text in _texts(payload(plain))]
    assert texts[0] == "Incident: Errors &lt;!channel&gt;"
    assert all(texts)
    assert not any("|" in text for text in texts)


def test_hostile_text_stays_text_within_the_limits(message: Callable[..., Message]) -> None:
    original = message()
    assert original.change is not None
    assert original.cause is not None
    hostile = message(
        title=HOSTILE,
        summary=HOSTILE,
        change=original.change.model_copy(update={"diff": HOSTILE, "reason": HOSTILE}),
        cause=original.cause.model_copy(update={"summary": HOSTILE}),
    )
    body = payload(hostile)
    assert len(body["blocks"]) <= 50
    for text in _texts(body):
        limit = 150 if text["text"].startswith("Approval") else 3000
        assert len(text["text"]) <= limit
        if text["type"] == "mrkdwn" and not text["text"].endswith("|Review the change>"):
            assert text["text"].count("```") == 2
            assert "<" not in text["text"]
        if text["type"] == "plain_text":
            assert "<" not in text["text"]
            assert text["emoji"] is False


@given(st.text(alphabet="a&<>é😀 \n", max_size=60), st.integers(8, 40))
def test_a_cut_text_is_whole_up_to_the_cut(text: str, limit: int) -> None:
    got = fitted(text, limit)
    assert 0 < len(got) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", got)
    plain = html.unescape(got)
    if text.strip() and len(escaped(text)) <= limit:
        assert plain == text
    elif text.strip():
        assert text.startswith(plain.removesuffix("…"))
