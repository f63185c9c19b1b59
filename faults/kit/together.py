"""Several faults as one: all are injected, any of them keeps it present, all are fixed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiops.core.target import Target
from aiops.faults.registry import FAULTS, Before, FixFunction, PresentFunction
from aiops.faults.truth import GroundTruth


@dataclass(frozen=True, slots=True)
class Part:
    """One of them, by its name, with its arguments."""

    fault: str
    arguments: dict[str, Any] = field(default_factory=dict)


async def inject_all(target: Target, parts: Sequence[Part]) -> GroundTruth:
    """Inject them in their order. The truth of the first names those of the others."""
    truths = [await FAULTS.get(part.fault).function(target, **part.arguments) for part in parts]
    return truths[0].model_copy(update={"also": tuple(truths[1:])})


def present_while_any(parts: Callable[..., Sequence[Part]]) -> PresentFunction:
    """Whether the root condition of one of them is there; `parts` makes them of the fault's own arguments."""

    async def present(target: Target, before: Before, **arguments: Any) -> bool:
        return await any_present(target, before, parts(**arguments))

    return present


def each_in_its_other_way(parts: Callable[..., Sequence[Part]]) -> FixFunction:
    """Fixes each of them in its other way."""

    async def fix(target: Target, before: Before, **arguments: Any) -> None:
        await fix_all(target, before, parts(**arguments))

    return fix


async def any_present(target: Target, before: Before, parts: Sequence[Part]) -> bool:
    """Whether the root condition of one of them is there."""
    return any([await FAULTS.get(part.fault).present(target, before, **part.arguments) for part in parts])


async def fix_all(target: Target, before: Before, parts: Sequence[Part]) -> None:
    """Fix each in its other way."""
    for part in parts:
        fix = FAULTS.get(part.fault).other_fix
        if fix is not None:
            await fix(target, before, **part.arguments)
