"""Rank fusion: every observation's hypotheses, weighed by the call graph, by time and by what changed.

Observations of different kinds about one cause are combined as independent witnesses (noisy-or); the sum is then
scaled by how much of the suffering begins at the cause, and by whether it came before the suffering.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from aiops.analysis.rootcause.from_evidence.case import Candidate, Case, Ranking
from aiops.analysis.rootcause.from_evidence.changed import brought_about, dated
from aiops.analysis.rootcause.from_evidence.doing import behind_their_causes
from aiops.analysis.rootcause.from_evidence.symptoms import Symptoms, begun_at, blame, collect, joined
from aiops.analysis.rootcause.from_evidence.witnesses import (
    Group,
    Witness,
    combined,
    grouped,
    is_told,
    leading,
    overlap,
    same_field,
    timing,
    wanted_value,
)
from aiops.core.entity import Edge, Entity, ends
from aiops.core.evidence import Source
from aiops.core.mechanism import Mechanism

MEASURED = frozenset({Source.METRICS, Source.TRACES})
"""Sources that see requests themselves. A log line tells of trouble, not of whether anybody felt it."""

MAX_CONFIDENCE = 0.98
LIVE_MARGIN = 900.0
"""Seconds before the onset from which a failing object may belong to this incident."""

WITHOUT_MECHANISM = 0.3
"""Confidence in a place where the suffering begins while nothing tells why."""

UNSEEN = 0.6
"""Suffering to assume where none could be seen."""

VICTIM = 0.5
"""Share of its suffering that a place has to be blamed for, not to be a victim."""

ELSEWHERE = 0.45
"""What is left of a hypothesis whose place no failing or slow call touches, while users suffer."""

FELT = 0.4
"""Suffering of the user-facing workloads that asks for an explanation."""

TOUCHED = 0.15
"""Measured suffering from which a place is touched by the trouble."""

MISCALLING = frozenset(
    {
        Mechanism.CONFIG_ENV_VALUE,
        Mechanism.CONFIG_ENV_MISSING,
        Mechanism.CONFIG_ENV_SHADOWED,
        Mechanism.CONFIG_FILE,
        Mechanism.CONFIG_COMMAND,
        Mechanism.APP_FEATURE_FLAG,
        Mechanism.ROLLOUT_PARTIAL,
        Mechanism.NETWORK_BANDWIDTH,
        Mechanism.DNS_POLICY,
    }
)
"""What makes a caller call wrongly."""

MISCALLED = 0.8
"""Share of its failing calls that a wrongly configured caller is blamed for."""

UNSUPPORTED = 0.3
"""What is left of a hypothesis about something that does not suffer."""

PROVEN, PROVEN_ELSEWHERE = 0.6, 0.75
"""The same, and what is left where no failing call touches it, of what was changed to what a check finds wrong."""


def rank(case: Case) -> Ranking:
    """The candidates of a case, best first. Renaming entities changes no confidence."""
    symptoms = collect(case.evidence, case.components, case.onset - LIVE_MARGIN)
    measured = collect((e for e in case.evidence if e.source in MEASURED), case.components, case.onset)
    felt = max((measured.suffering(entry) for entry in case.entries), default=0.0)
    blamed = joined(blame(symptoms, case.graph, case.answering), begun_at(case.evidence, case.components))
    groups = brought_about(grouped(dated(case.evidence, case.onset)), case.components)
    found = [_candidate(case, group, groups, blamed, symptoms) for group in groups]
    if felt >= FELT:
        found = [_elsewhere(case, candidate, measured) for candidate in found]
    found += _bare(case, symptoms, blamed, found)
    found = behind_their_causes(found, case.evidence)
    ordered = sorted(found, key=lambda c: (-c.confidence, c.mechanism is None, c.mechanism or "", str(c.subject)))
    return Ranking(tuple(_without_doubles(ordered)), felt)


def _candidate(
    case: Case, group: Group, groups: list[Group], blamed: dict[Entity, float], symptoms: Symptoms
) -> Candidate:
    witnesses = [*group.witnesses, *same_field(group, groups)]
    places = _places(case, group)
    place = max(places, key=lambda p: (blamed.get(p, 0.0), str(p)))
    support = max(blamed.get(place, 0.0), UNSEEN if case.blind else 0.0, _miscalls(group, places, symptoms))
    in_time, late = timing(case.onset, group)
    least = PROVEN if is_proven(item.source for item, _ in witnesses) or is_told(witnesses) else UNSUPPORTED
    confidence = combined(witnesses) * (least + (1 - least) * support) * in_time
    lead = leading(witnesses)
    demoted = late or ("" if support > 0.3 else "nothing that it serves suffers by itself")
    return Candidate(
        subject=group.subject,
        mechanism=group.mechanism,
        confidence=min(confidence, MAX_CONFIDENCE),
        field=lead.field,
        wanted=wanted_value(witnesses, lead),
        path=case.graph.path_to_caller(place, case.entries),
        evidence=_ids(witnesses, case, places),
        places=places,
        demoted=demoted,
    )


def _miscalls(group: Group, places: tuple[Entity, ...], symptoms: Symptoms) -> float:
    """How badly the calls fail that a wrongly configured caller makes: they are its own trouble, not its callee's.

    Only where something else than a change speaks for the mechanism: most changed settings have nothing to do with
    calls."""
    told = any(item.source != Source.CHANGES for item, _ in group.witnesses)
    if group.mechanism not in MISCALLING or not told:
        return 0.0
    both = group.mechanism is Mechanism.ROLLOUT_PARTIAL  # neither is wrong by itself
    made = [
        score for (caller, callee), score in symptoms.calls.items() if caller in places or (both and callee in places)
    ]
    return MISCALLED * max(made, default=0.0)


def is_proven(sources: Iterable[Source]) -> bool:
    """Was it changed lately, and says a check of objects that it cannot work so? Then it is a fault of its own, also
    beside a worse one that all the suffering is laid at."""
    return {Source.KUBERNETES, Source.CHANGES} <= set(sources)


def _elsewhere(case: Case, candidate: Candidate, measured: Symptoms) -> Candidate:
    """Trouble that no call is touched by does not explain what users feel, however sure it is by itself."""
    touched = max((_touched(place, measured) for place in candidate.places), default=0.0)
    if touched >= TOUCHED:
        return candidate
    reason = candidate.demoted or "no call to it suffers, while users do"
    told = (item.source for item in case.evidence if item.id in candidate.evidence)
    left = PROVEN_ELSEWHERE if is_proven(told) else ELSEWHERE
    return replace(candidate, confidence=candidate.confidence * left, demoted=reason)


def _touched(place: Entity, measured: Symptoms) -> float:
    """How badly a place does, or the calls that it makes: the caller is at fault where it calls wrongly."""
    made = [score for (caller, _), score in measured.calls.items() if caller == place]
    return max([measured.suffering(place), *made])


def _places(case: Case, group: Group) -> tuple[Entity, ...]:
    """The workloads at which a group's suffering shows: the subject's own, both ends of a call that a check found
    broken by it, those of whose figures it is blamed, and those where trouble was seen that is blamed on an object of
    which nothing else is known."""
    touched = list(ends(group.subject))
    unknown = isinstance(group.subject, Entity) and _is_unknown(case, group.subject)
    for item, _ in group.witnesses:
        call = item.source == Source.KUBERNETES and isinstance(item.subject, Edge)
        victim = item.source in MEASURED and str(item.subject) != str(group.subject)
        if call or unknown or victim:
            touched += ends(item.subject)
    return tuple(dict.fromkeys(place for end in touched for place in case.components(end)))


def _is_unknown(case: Case, entity: Entity) -> bool:
    """Is nothing known of an object, because it was deleted or belongs to no namespace?"""
    return case.components(entity) == (entity,) and entity not in case.graph


def _ids(witnesses: list[Witness], case: Case, places: tuple[Entity, ...]) -> tuple[str, ...]:
    """What speaks for a candidate: its witnesses, and the symptoms of its workloads."""
    ids = {item.id for item, _ in witnesses}
    for item in case.evidence:
        target = item.subject.target if isinstance(item.subject, Edge) else item.subject
        if item.source in (Source.METRICS, Source.TRACES) and set(places).intersection(case.components(target)):
            ids.add(item.id)
    return tuple(item.id for item in case.evidence if item.id in ids)


def _bare(case: Case, symptoms: Symptoms, blamed: dict[Entity, float], found: list[Candidate]) -> list[Candidate]:
    """Places where suffering begins for which nothing suggests a mechanism."""
    explained = {place for candidate in found for place in candidate.places}
    return [
        Candidate(
            subject=place,
            mechanism=None,
            confidence=WITHOUT_MECHANISM * score,
            field=None,
            wanted=None,
            path=case.graph.path_to_caller(place, case.entries),
            evidence=_ids([], case, (place,)),
            places=(place,),
            demoted="what it calls explains its trouble"
            if score < VICTIM * symptoms.suffering(place)
            else "nothing tells what is wrong with it",
        )
        for place, score in sorted(blamed.items(), key=lambda pair: str(pair[0]))
        if score > 0 and place not in explained
    ]


def _without_doubles(ordered: list[Candidate]) -> list[Candidate]:
    """Drop a candidate that blames the same field of the same subject as a better one."""
    kept: list[Candidate] = []
    for candidate in ordered:
        doubles = (
            other
            for other in kept
            if str(other.subject) == str(candidate.subject)
            and other.field
            and candidate.field
            and overlap(other.field, candidate.field)
        )
        if next(doubles, None) is None:
            kept.append(candidate)
    return kept
