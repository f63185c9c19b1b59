"""All tools in the hands of one agent that is not the assistant: looking, changing, waiting. Each call costs time."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import Field, ValidationError
from pydantic_core import to_jsonable_python

from aiops.bench.agents.registry import Claim, Room
from aiops.clients.models.protocol import ToolSpec
from aiops.core.action import Edit
from aiops.core.errors import AiopsError, InvalidInputError
from aiops.core.mechanism import Mechanism
from aiops.core.model import Value
from aiops.knowledge.library import Library
from aiops.tools.kit.context import Context
from aiops.tools.kit.edits import find, make
from aiops.tools.kit.registry import TOOLS
from aiops.watch.history import CHANGES_FILE
from aiops.watch.recorder import ChangeRecorder

CALL_SECONDS = 1.0
"""Simulated seconds that a call costs."""

LONGEST_WAIT = 600.0


class Wait(Value):
    """Arguments of `wait`, in simulated seconds."""

    seconds: float = Field(gt=0, le=LONGEST_WAIT)


class Submission(Value):
    """The last word: whether something was wrong, the object (`Kind/namespace/name`), the mechanism (a name of the
    closed vocabulary), how sure you are from 0 to 1, and whether you leave it to a person who can do more."""

    fault: bool
    subject: str | None = None
    mechanism: Mechanism | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)
    escalated: bool = False
    words: str = Field(default="", max_length=2000)
    tokens: int = Field(default=0, ge=0)
    cost: float = Field(default=0.0, ge=0)


OWN = (
    ToolSpec("wait", "Let simulated time pass, to see whether a change helps.", Wait.model_json_schema()),
    ToolSpec("submit", (Submission.__doc__ or "").strip(), Submission.model_json_schema()),
)


class Workbench:
    """The tools of one room. `claim` is what was submitted; None before."""

    def __init__(self, room: Room) -> None:
        self._room = room
        access = room.access
        self._recorder = ChangeRecorder(access.kube, room.clock, room.directory / CHANGES_FILE, room.namespaces)
        self._context = Context(
            kube=access.kube,
            clock=room.clock,
            metrics=access.metrics,
            traces=access.traces,
            logs=access.logs,
            changes=self._recorder,
            runbooks=Library.open(room.directory / "state"),
            namespaces=room.namespaces,
            read_only=False,
        )
        self.claim: Claim | None = None
        self.submitted = asyncio.Event()
        self.steps = 0

    async def start(self) -> None:
        """Begin to record changes, so that they can be asked for."""
        await self._recorder.start()

    async def stop(self) -> None:
        await self._recorder.stop()

    @staticmethod
    def tools() -> list[ToolSpec]:
        """Everything that can be called."""
        return [*(ToolSpec(tool.name, tool.description, tool.schema()) for tool in TOOLS), *OWN]

    def task(self) -> dict[str, Any]:
        """What an agent is told."""
        return {
            "question": "Is anything wrong? Find the cause, mend it, make sure that users are well, then submit.",
            "namespace": self._room.namespace,
            "namespaces": list(self._room.namespaces),
            "now": self._room.clock.now(),
            "alerts": self._room.alerts,
            "mechanisms": [mechanism.value for mechanism in Mechanism],
        }

    async def call(self, name: str, arguments: dict[str, Any]) -> Any:
        """The result as JSON. Raises `AiopsError` in words that an agent can act on."""
        self.steps += 1
        await self._room.clock.sleep(CALL_SECONDS)
        if name == "wait":
            await self._room.clock.sleep(_checked(Wait, arguments).seconds)
            return {"now": self._room.clock.now()}
        if name == "submit":
            return self._submit(_checked(Submission, arguments))
        tool = TOOLS.get(name)
        result = await tool.call(self._context, arguments)
        if tool.effect == "reads":
            return to_jsonable_python(result)
        return {"changed": [await self._made(edit) for edit in result]}

    async def _made(self, edit: Edit) -> str:
        """Make one edit of a plan, as it is."""
        if not self._context.allows(edit.target.namespace):
            raise InvalidInputError(f"{edit.target} is outside the namespaces that may be changed")
        kube = self._context.kube
        await make(kube, edit, await find(kube, edit.target), f"step-{self.steps}")
        return str(edit.target)

    def _submit(self, said: Submission) -> dict[str, bool]:
        if self.claim is not None:
            raise InvalidInputError("submit: this was submitted already")
        at = self._room.clock.now() if said.fault else None
        self.claim = Claim(
            fault=said.fault,
            subject=said.subject,
            mechanism=said.mechanism.value if said.mechanism else None,
            state=said.words,
            escalated=said.escalated,
            confidence=said.confidence,
            detected_at=at,
            localized_at=at,
            analysed_at=at,
            steps=self.steps,
            tokens=said.tokens,
            cost=said.cost,
        )
        self.submitted.set()
        return {"accepted": True}


def _checked(kind: type[Any], arguments: dict[str, Any]) -> Any:
    try:
        return kind.model_validate(arguments)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise InvalidInputError(f"wrong arguments: {faults}") from error


def told(error: AiopsError) -> dict[str, str]:
    """A refusal as JSON."""
    return {"error": f"{type(error).__name__}: {error}"}
