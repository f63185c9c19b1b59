"""A change to the cluster: what it would do, what it did, and how it is taken back."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.model import Value

ACTION_ANNOTATION = "aiops.dev/action"
"""Every write carries its action's id here, so that a killed process can see whether it was made."""


class PatchEdit(Value):
    """Change parts of an object. `body` is a patch of `patch_type` (RFC 7386 merge or Kubernetes' strategic merge)."""

    op: Literal["patch"] = "patch"
    target: Entity
    patch_type: Literal["merge", "strategic"]
    body: dict[str, Any]


class CreateEdit(Value):
    """Create an object from its whole manifest."""

    op: Literal["create"] = "create"
    target: Entity
    manifest: Manifest


class DeleteEdit(Value):
    """Delete an object, gracefully."""

    op: Literal["delete"] = "delete"
    target: Entity


Edit = Annotated[PatchEdit | CreateEdit | DeleteEdit, Field(discriminator="op")]


class Risk(StrEnum):
    """How much can go wrong: low (nothing restarts), medium (pods restart), high (users may notice)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class AccessRule(Value):
    """One right that an operation needs, as in a Kubernetes Role."""

    verb: str
    group: str
    resource: str
    subresource: str = ""


class Proposal(Value):
    """A typed change that an agent would make, before anything was checked against the cluster."""

    tool: str
    arguments: dict[str, Any]
    target: Entity
    mechanism: Mechanism | None
    reason: str
    expected_effect: str
    evidence: tuple[str, ...]


class Action(Value):
    """A proposal that passed its dry run: the exact edits, their diff, and the rights they need.

    An approval is bound to `digest`: another edit is another action. `diff` is a unified diff, redacted.
    """

    id: str
    proposal: Proposal
    risk: Risk
    edits: tuple[Edit, ...]
    diff: str

    def digest(self) -> str:
        text = json.dumps(self.model_dump(mode="json", include={"id", "edits"}), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


class Applied(Value):
    """One edit with the object before and after it (`None`: it did not exist)."""

    edit: Edit
    before: Manifest | None
    after: Manifest | None


class Outcome(StrEnum):
    """Did a change help?"""

    BETTER = "better"
    WORSE = "worse"
    UNCHANGED = "unchanged"


class Check(Value):
    """One named test of a verification: what was measured, and what it says."""

    name: str
    outcome: Outcome
    summary: str


class Verdict(Value):
    """The verification of one action. Outside oracles decide, never the agent's opinion.

    `blind`: neither the alerts nor what users get could be seen, so that even BETTER is no proof that they are well.
    `cured`: not all is well and nothing is worse, but the cause that the action was meant for is gone, and another
    one of the diagnosis, sure enough to be acted on, is still there to explain the rest.
    `eased`: most of the incident's alerts that fired before the action fire no more, and users get no more errors than
    before the trouble.
    """

    outcome: Outcome
    checks: tuple[Check, ...]
    blind: bool = False
    cured: bool = False
    eased: bool = False


class Journal(Protocol):
    """The durable record of changes: written before a change is made, and again after it. Every write is idempotent."""

    async def intend(self, action: Action, before: tuple[Manifest | None, ...]) -> None:
        """Record what is about to be changed, with each edit's object as it is now."""
        ...

    async def intended(self, action_id: str) -> tuple[Manifest | None, ...] | None:
        """The objects that `intend` recorded; None where there is no such intent."""
        ...

    async def record(self, action_id: str, applied: tuple[Applied, ...]) -> None:
        """Record that the change was made."""
        ...

    async def applied(self, action_id: str) -> tuple[Applied, ...] | None:
        """What was made; None where nothing was recorded."""
        ...
