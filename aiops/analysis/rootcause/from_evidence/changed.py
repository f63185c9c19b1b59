"""What changes say of a cause: how likely one is by its time, and which trouble it can have brought about.

The field that was changed tells of one mechanism at most; what telemetry shows at what was changed tells which one it
really is. So a kind of trouble that was seen at a workload is laid at the setting or the version that it came with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiops.analysis.rootcause.from_evidence.symptoms import Components
from aiops.analysis.rootcause.from_evidence.witnesses import Group, Witness
from aiops.core.entity import ends
from aiops.core.evidence import Evidence, Source
from aiops.core.mechanism import Mechanism

AT_ONCE = 180.0
"""Seconds before the onset of a change that is as likely as any: rates and rollouts take that long to show."""

LIKELY, UNLIKELY = 0.6, 0.15
"""Strength of a change right before the onset and of one long before, where the field says what it may break."""

HALF_LIFE = 600.0

BY_SETTING = frozenset(
    {
        Mechanism.APP_FEATURE_FLAG,
        Mechanism.APP_GARBAGE_COLLECTION,
        Mechanism.APP_COSTLY_PATTERN,
        Mechanism.APP_CACHE,
        Mechanism.DATA_MISSING_INDEX,
        Mechanism.QUEUE_CONSUMER_LAG,
        Mechanism.LOAD_RETRIES,
        Mechanism.LOAD_SYNCHRONISED,
        Mechanism.ACCELERATOR_MEMORY,
    }
)
"""What a setting of a process can bring about besides a wrong value of its own."""

BY_VERSION = frozenset(
    {
        Mechanism.APP_MEMORY_LEAK,
        Mechanism.APP_CONNECTION_LEAK,
        Mechanism.APP_FILE_LEAK,
        Mechanism.APP_DEADLOCK,
        Mechanism.DATA_SCHEMA,
        Mechanism.DATA_CORRUPTION,
        Mechanism.QUEUE_CONSUMER_LAG,
        Mechanism.QUEUE_POISON_MESSAGE,
        Mechanism.LOAD_RETRIES,
        Mechanism.ACCELERATOR_MEMORY,
        Mechanism.ROLLOUT_PARTIAL,
    }
)
"""What a version of a program can bring about, besides being faulty."""

BRINGS: dict[Mechanism, frozenset[Mechanism]] = {
    Mechanism.CONFIG_ENV_VALUE: BY_SETTING,
    Mechanism.CONFIG_COMMAND: BY_SETTING,
    Mechanism.CONFIG_FILE: BY_SETTING,
    Mechanism.CONFIG_ENV_SHADOWED: BY_SETTING,
    Mechanism.APP_FEATURE_FLAG: BY_SETTING,
    Mechanism.APP_VERSION: BY_VERSION,
}


SETTINGS = frozenset(
    {
        Mechanism.APP_FEATURE_FLAG,
        Mechanism.CONFIG_COMMAND,
        Mechanism.CONFIG_ENV_MISSING,
        Mechanism.CONFIG_ENV_SHADOWED,
        Mechanism.CONFIG_FILE,
    }
)
"""Of a process that was set wrongly one often sees no more than that: the change tells in which way."""


def dated(evidence: Sequence[Evidence], onset: float) -> list[Evidence]:
    """The evidence, with hypotheses of changes as strong as the time of the change makes them."""
    return [_dated(item, onset) if item.source == Source.CHANGES and item.onset else item for item in evidence]


def _dated(item: Evidence, onset: float) -> Evidence:
    strength = _strength(onset - (item.onset or onset))
    suggests = tuple(h.model_copy(update={"strength": min(strength, h.strength)}) for h in item.suggests)
    return item.model_copy(update={"suggests": suggests})


def _strength(lead: float) -> float:
    late = max(lead - AT_ONCE, 0.0)
    return max(LIKELY * float(0.5 ** (late / HALF_LIFE)), UNLIKELY)


def brought_about(groups: list[Group], components: Components) -> list[Group]:
    """The groups, with those of telemetry joined by the changes that can have brought their mechanism about.

    A change of the same subject is one witness more; one of an object that the subject uses (a ConfigMap) makes a group
    of its own, at that object.
    """
    found = {(str(group.subject), group.mechanism): group for group in groups}
    for change in groups:
        made = [witness for witness in change.witnesses if witness[0].source == Source.CHANGES]
        # What is seen of the same mechanism at what uses a changed object is of that object.
        brings = {*BRINGS.get(change.mechanism, ()), change.mechanism} if made else set()
        for seen in groups:
            if seen is change or not _same_place(change, seen, components):
                continue
            if seen.mechanism in brings:
                _join(found, change, seen, made)
            elif made and seen.mechanism is Mechanism.CONFIG_ENV_VALUE and change.mechanism in SETTINGS:
                _join(found, change, replace(seen, mechanism=change.mechanism), made)
    return [found[key] for key in sorted(found)]


def _same_place(change: Group, seen: Group, components: Components) -> bool:
    mine = _workloads(change, components)
    return bool(mine.intersection(_workloads(seen, components)))


def _workloads(group: Group, components: Components) -> set[str]:
    subject = group.subject
    return {str(one) for end in ends(subject) for one in components(end)}


def _join(found: dict[tuple[str, Mechanism], Group], change: Group, seen: Group, made: list[Witness]) -> None:
    key = (str(change.subject), seen.mechanism)
    group = found.get(key) or replace(seen, subject=change.subject, witnesses=list(seen.witnesses))
    known = {item.id for item, _ in group.witnesses}
    more = [pair for pair in (*seen.witnesses, *made) if pair[0].id not in known]
    found[key] = replace(group, witnesses=[*group.witnesses, *more])
