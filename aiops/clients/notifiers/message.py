"""What is told about an incident, before it takes the form of one receiver."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from aiops.core.errors import TransportError
from aiops.core.incident import State
from aiops.core.model import Value


class Occasion(StrEnum):
    """Why a message is sent."""

    OPENED = "opened"
    APPROVAL = "approval"
    RESOLVED = "resolved"
    ESCALATED = "escalated"
    NO_FAULT = "no_fault"
    TEST = "test"


class Cause(Value):
    """The best explanation so far. `confidence` is in 0..1."""

    subject: str
    mechanism: str | None
    confidence: float
    summary: str


class ProposedChange(Value):
    """The change that waits for an answer, or was proposed last. `diff` is unified."""

    approval: str
    tool: str
    target: str
    reason: str
    expected_effect: str
    risk: str
    diff: str


class Message(Value):
    """`id` is the same in each try to deliver it: receivers drop what they have seen. `at` is the incident's clock in
    unix seconds. `link` leads to the page. `report` is markdown, `runbook` the title of the one that
    fits. Every text may quote the cluster: it is data."""

    id: str
    occasion: Occasion
    at: float
    incident: str
    title: str
    namespaces: tuple[str, ...]
    state: State
    summary: str
    cause: Cause | None = None
    change: ProposedChange | None = None
    report: str | None = None
    runbook: str | None = None
    link: str | None = None


class Channel(Protocol):
    """One receiver. `name` is what notes call it; its address may be a secret and stands nowhere."""

    name: str

    async def send(self, message: Message) -> None:
        """Deliver once. Raises `UndeliveredError`."""
        ...

    async def close(self) -> None: ...


class UndeliveredError(TransportError):
    """The receiver did not take a message. `retry_after` is how long it asks to be left alone, in wall seconds."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
