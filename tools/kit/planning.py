"""Works out the edits of a proposal: when it is put to people, and once more right before it is made."""

from __future__ import annotations

from typing import Any

from aiops.core.action import Action, Edit, Proposal, Risk
from aiops.core.errors import ConflictError, NotPossibleError, ToolError
from aiops.core.wellknown import RESTARTED_AT
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import TOOLS, Tool


def changing_tool(name: str) -> tuple[Tool[..., Any], Risk]:
    """The tool of a proposal, with its risk. Raises `UnknownNameError`, and `NotPossibleError` for one that only
    reads."""
    tool = TOOLS.get(name)
    if tool.effect != "changes" or tool.risk is None:
        raise NotPossibleError(f"{tool.name} changes nothing, so it is no action")
    return tool, tool.risk


async def plan(ctx: Context, proposal: Proposal) -> list[Edit]:
    """The edits that the proposal's tool would make now. Raises what the tool refuses."""
    tool, _ = changing_tool(proposal.tool)
    edits: list[Edit] = await tool.call(ctx, proposal.arguments)
    return edits


async def check_same_plan(ctx: Context, action: Action) -> None:
    """Raise `ConflictError` where the tool would make other edits by now, or none.

    A tool's guards look at more objects than it edits (the role that a binding gives, the bindings that wait for an
    account), and hours may lie between a proposal and its approval."""
    target = action.proposal.target
    changed = f"{target}: what this rests on was changed by somebody else since this was proposed"
    try:
        edits = await plan(ctx, action.proposal)
    except ToolError as error:
        raise ConflictError(f"{changed}: {error}") from error
    if _wanted(edits) != _wanted(action.edits):
        raise ConflictError(changed)


def _wanted(edits: list[Edit] | tuple[Edit, ...]) -> list[Any]:
    return [_without_moment(edit.model_dump(mode="json")) for edit in edits]


def _without_moment(value: Any) -> Any:
    """The same without the values that only say when it was worked out."""
    if isinstance(value, dict):
        return {key: None if key == RESTARTED_AT else _without_moment(part) for key, part in value.items()}
    return [_without_moment(part) for part in value] if isinstance(value, list) else value
