"""The fault kinds of AIOpsLab's registry, with what stands for each here."""

from __future__ import annotations

from aiops.bench.aiopslab import HEALTHY, KINDS
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.scenario import Scenario, drawn
from aiops.bench.suites.multi import FAMILY as SEVERAL
from aiops.bench.suites.registry import suite
from aiops.bench.suites.spread import in_worlds, spread
from aiops.faults.registry import FAULTS


@suite
def aiopslab(seed: int, application: str | None) -> list[Scenario]:
    """AIOpsLab's 28 kinds as far as the lab has them, graded by its four tasks and by our scores."""
    standing = dict.fromkeys(name for name in stand_ins().values() if name is not None)
    faults = [one for one in spread(list(standing), seed, application) if one.kind == "fault"]
    place = application or faults[0].application
    return in_worlds([*faults, drawn("none", NO_FAULTS.names()[0], place, seed, [], with_decoys=False)])


def stand_ins() -> dict[str, str | None]:
    """For each kind of AIOpsLab the fault of the lab that is nearest; None where it has none."""
    by_mechanism: dict[str, str] = {}
    for fault in FAULTS:
        if fault.cure != "escalate" and fault.family != SEVERAL:
            by_mechanism.setdefault(fault.mechanism.value, fault.name)
    return {
        kind.name: kind.fault or next((by_mechanism[m.value] for m in kind.mechanisms if m.value in by_mechanism), None)
        for kind in KINDS
        if kind.name != HEALTHY
    }
