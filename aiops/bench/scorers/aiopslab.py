"""How AIOpsLab would have graded it: its four tasks, by its own rules."""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.aiopslab import analysis_of
from aiops.bench.record import Record
from aiops.bench.scorers.registry import scorer
from aiops.core.entity import Subject, ends


@scorer
def aiopslab(record: Record) -> dict[str, JsonValue]:
    """`aiopslab`: `detection`, `localization`, `analysis` and `mitigation`, each right or wrong; None where the task
    does not apply.

    Its rules: the answer to "is there a fault" is right; one name given is that of the faulty component, whatever its
    kind; system level and type of the fault are right; all pods of the application run and are ready. The last says
    nothing about users, so that it is also right where nobody did anything."""
    truth, claim = record.truth, record.claim
    if truth is None:
        grades: dict[str, JsonValue] = {"localization": None, "analysis": None, "mitigation": None}
        return {"aiopslab": {"detection": not claim.fault, **grades}}
    named = {name for part in truth.parts for name in _names(part.subject)}
    types = {analysis_of(part.mechanism.value) for part in truth.parts}
    graded: dict[str, JsonValue] = {
        "detection": claim.fault,
        "localization": claim.subject is not None and claim.subject.rpartition("/")[2] in named,
        "analysis": claim.mechanism is not None and analysis_of(claim.mechanism) in types,
        "mitigation": record.pods_ready,
    }
    return {"aiopslab": graded}


def _names(subject: Subject) -> list[str]:
    return [entity.name for entity in ends(subject)]
