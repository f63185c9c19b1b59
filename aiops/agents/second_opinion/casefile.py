"""What a model gets to see of a diagnosis: its candidates and their evidence, redacted, bounded and marked as data."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from aiops.clients.models.untrusted import clipped, data_block
from aiops.core.clock import rfc3339
from aiops.core.diagnosis import Diagnosis, RootCause
from aiops.core.evidence import Evidence
from aiops.tools.kit.redaction import redact

MOST_QUOTED = 240
"""Characters of what one evidence saw; as many again of its baseline."""

MOST_SUMMARY = 300
MOST_MISSING = 5
MOST_TEXT = 12_000
"""Characters of all evidence: about 4,000 tokens."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """`text` is one block of data; `evidence` are the ids that stand in it."""

    text: str
    evidence: tuple[str, ...]


def case_file(diagnosis: Diagnosis, evidence: Sequence[Evidence]) -> CaseFile:
    """The case as JSON lines: as much evidence as there is room for, first that of the candidates."""
    lines: dict[str, str] = {}
    room = MOST_TEXT
    for item in _by_weight(diagnosis, evidence):
        line = _line(_evidence(item))
        if len(line) <= room:
            lines[item.id] = line
            room -= len(line)
    head = [_line(_candidate(number, cause, lines)) for number, cause in enumerate(diagnosis.root_causes, 1)]
    tail = [_line({"not seen": clipped(text, MOST_SUMMARY)}) for text in diagnosis.missing[:MOST_MISSING]]
    text = "\n".join([*head, *lines.values(), *tail])
    return CaseFile(data_block("case", text, len(text)), tuple(lines))


def _by_weight(diagnosis: Diagnosis, evidence: Sequence[Evidence]) -> list[Evidence]:
    """What the candidates rest on, candidate by candidate, then the strongest of the rest."""
    known = {item.id: item for item in evidence}
    cited = dict.fromkeys(name for cause in diagnosis.root_causes for name in cause.evidence if name in known)
    rest = sorted((item for item in evidence if item.id not in cited), key=lambda item: (-item.score, item.id))
    return [*(known[name] for name in cited), *rest]


def _line(fields: dict[str, Any]) -> str:
    return orjson.dumps(redact(fields)).decode()


def _candidate(number: int, cause: RootCause, shown: Container[str]) -> dict[str, Any]:
    return {
        "candidate": number,
        "object": str(cause.subject),
        "mechanism": cause.mechanism,
        "field": cause.field,
        "confidence": cause.confidence,
        "path": [str(entity) for entity in cause.path],
        "evidence": [name for name in cause.evidence if name in shown],
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "evidence": item.id,
        "source": item.source,
        "object": str(item.subject),
        "says": clipped(item.summary, MOST_SUMMARY),
        "saw": clipped(item.observed, MOST_QUOTED),
        "usual": clipped(item.baseline, MOST_QUOTED),
        "score": round(item.score, 2),
        "since": None if item.onset is None else rfc3339(item.onset).replace("T", " "),
    }
