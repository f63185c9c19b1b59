"""Slack's incoming webhook: the message as blocks.

Limits and escaping are those of Slack's reference for Block Kit. Text from a cluster stands in `plain_text` objects
and inside a code fence, so that it cannot become a link, a mention or a format.
"""

from __future__ import annotations

from typing import Any

import orjson

from aiops.clients.notifiers.message import Message, Occasion
from aiops.clients.notifiers.posting import Poster, checked_secret_address

MOST_TEXT = 3000
MOST_HEADER = 150
MOST_BLOCKS = 50
CUT = "…"
FENCE = "```"

HEADS = {
    Occasion.OPENED: "Incident",
    Occasion.APPROVAL: "Approval needed",
    Occasion.RESOLVED: "Resolved",
    Occasion.ESCALATED: "Needs a person",
    Occasion.NO_FAULT: "No fault found",
    Occasion.TEST: "Test",
}

Block = dict[str, Any]


class SlackChannel:
    """Posts to an incoming-webhook address, which is a secret itself."""

    name = "slack"

    def __init__(self, url: str, *, seconds: float = 10.0) -> None:
        """Raises `ConfigurationError`."""
        self._poster = Poster("Slack", checked_secret_address("slack_webhook_url", url), seconds=seconds)

    async def send(self, message: Message) -> None:
        await self._poster.post(orjson.dumps(payload(message)), {})

    async def close(self) -> None:
        await self._poster.close()


def payload(message: Message) -> Block:
    """The body of the request: blocks, and a text for notifications."""
    head = f"{HEADS[message.occasion]}: {message.title}"
    blocks = [{"type": "header", "text": _plain(head, MOST_HEADER)}, _section(_plain(message.summary or message.title))]
    if message.cause is not None:
        blocks.append(_section(_plain(_cause_text(message))))
    if message.runbook is not None:
        blocks.append(_section(_plain(message.runbook)))
    if message.change is not None:
        blocks += _change_blocks(message)
    if message.link is not None:
        word = "Review the change" if message.occasion is Occasion.APPROVAL else "Open the incident"
        blocks.append(_section({"type": "mrkdwn", "text": f"<{escaped(message.link)}|{word}>"}))
    where = ", ".join(message.namespaces) or "the whole cluster"
    blocks.append({"type": "context", "elements": [_plain(f"{message.incident} · {where} · {message.id}")]})
    return {"text": fitted(head, MOST_HEADER), "blocks": blocks[:MOST_BLOCKS]}


def _cause_text(message: Message) -> str:
    cause = message.cause
    assert cause is not None
    kind = f" ({cause.mechanism})" if cause.mechanism else ""
    return f"Cause, {cause.confidence:.0%} sure: {cause.subject}{kind}\n{cause.summary}"


def _change_blocks(message: Message) -> list[Block]:
    change = message.change
    assert change is not None
    word = "Proposed" if message.occasion is Occasion.APPROVAL else "Last proposal"
    text = f"{word}: {change.tool} on {change.target} (risk {change.risk})\n{change.reason}\n{change.expected_effect}"
    blocks = [_section(_plain(text))]
    if change.diff.strip():
        room = MOST_TEXT - 2 * len(FENCE) - 2
        diff = fitted(change.diff.replace("`", "'"), room)
        blocks.append(_section({"type": "mrkdwn", "text": f"{FENCE}\n{diff}\n{FENCE}", "verbatim": True}))
    return blocks


def _section(text: Block) -> Block:
    return {"type": "section", "text": text}


def _plain(text: str, limit: int = MOST_TEXT) -> Block:
    return {"type": "plain_text", "text": fitted(text, limit), "emoji": False}


def escaped(text: str) -> str:
    """Slack's three control characters as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fitted(text: str, limit: int) -> str:
    """Escaped text of at most `limit` characters, cut between entities; never empty, which Slack refuses."""
    whole = escaped(text)
    if len(whole) <= limit:
        return whole if whole.strip() else "-"
    kept: list[str] = []
    room = limit - len(CUT)
    for character in text:
        piece = escaped(character)
        if len(piece) > room:
            break
        kept.append(piece)
        room -= len(piece)
    return "".join(kept) + CUT
