"""Root cause: weighs everybody's evidence and says what is wrong, what is not, and what could not be seen."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.agents.registry import Findings
from aiops.agents.scoping.scope import Scope
from aiops.analysis.rootcause.from_evidence.calibrated import calibrated
from aiops.analysis.rootcause.from_evidence.case import Candidate, Case, Ranking
from aiops.analysis.rootcause.from_evidence.fusion import LIVE_MARGIN, rank
from aiops.analysis.rootcause.from_evidence.symptoms import TELEMETRY, is_live
from aiops.analysis.rootcause.from_evidence.witnesses import is_felt, is_told
from aiops.core.diagnosis import Diagnosis, RootCause, RuledOut
from aiops.core.evidence import Evidence, Source

MOST_CAUSES = 5
MOST_RULED_OUT = 10
MOST_CITED = 6
"""Evidence ids behind one sentence: the rest stands in the list of evidence."""

WORTH_NAMING = 0.1
"""Confidence below which an explanation is only listed as ruled out."""

ENOUGH = 0.35
"""Confidence below which nothing should be changed on this explanation."""

MEASURING = ("calls", "metrics")
"""Specialists that would see users suffer."""

FELT = 0.4
"""Suffering of the user-facing workloads from which there is trouble for sure."""

FAILING = 0.65
"""Score of an object that fails now from which there is trouble, though users may not feel it yet."""

EARLIER = 600.0
"""Seconds before the guessed onset in which the real one may lie."""


def diagnose(scope: Scope, findings: Sequence[Findings]) -> Diagnosis:
    """The diagnosis of all specialists' findings. Pure: the same findings give the same diagnosis."""
    evidence = tuple(item for finding in findings for item in finding.evidence)
    onset = refined_onset(scope, evidence)
    blind = is_blind(scope, findings)
    calls = scope.call_map
    answering = frozenset(c for f in findings for entity in f.answering for c in calls.components(entity))
    ranking = rank(Case(evidence, calls.graph(), calls.components, calls.entries, onset, blind, answering))
    causes = tuple(_cause(c, evidence) for c in ranking.candidates[:MOST_CAUSES] if c.confidence >= WORTH_NAMING)
    missing = tuple(dict.fromkeys((*scope.missing, *(note for finding in findings for note in finding.missing))))
    fault = blind or _is_fault(ranking, evidence, onset)
    abstained = fault and (not causes or causes[0].confidence < ENOUGH or causes[0].mechanism is None)
    causes = causes if abstained else _sure(causes)
    return Diagnosis(
        fault=fault,
        abstained=abstained,
        onset=onset if fault else None,
        root_causes=causes,
        ruled_out=_ruled_out(ranking, len(causes) if fault else 0),
        missing=missing,
        summary=_summary(fault, abstained, causes, evidence, missing),
    )


def refined_onset(scope: Scope, evidence: Sequence[Evidence]) -> float:
    """The earliest change point of a strong symptom near the guess, or the guess, in unix seconds."""
    earliest, latest = scope.onset - EARLIER, scope.reported
    onsets = [
        item.onset
        for item in evidence
        if item.source in TELEMETRY
        and (item.source != Source.LOGS or is_felt(item))
        and item.score >= 0.5
        and item.onset is not None
        and earliest <= item.onset <= latest
    ]
    return min(onsets, default=scope.onset)


def is_blind(scope: Scope, findings: Sequence[Findings]) -> bool:
    """Did an alert come while no telemetry could be read? Then silence does not mean that users are well."""
    alerted = any(signal.kind == "alert" and not signal.resolved for signal in scope.signals)
    measured = any(item.source in (Source.METRICS, Source.TRACES) for f in findings for item in f.evidence)
    unread = any(finding.specialist in MEASURING and finding.missing for finding in findings)
    return alerted and unread and not measured


def _is_fault(ranking: Ranking, evidence: Sequence[Evidence], onset: float) -> bool:
    """Do users feel it, in their requests or in what follows, does an object fail since about then, or does a store say
    that its data is at risk?"""
    failing = [
        item
        for item in evidence
        if item.source == Source.KUBERNETES and item.score >= FAILING and is_live(item, onset - LIVE_MARGIN)
    ]
    at_risk = [item for item in evidence if is_told([(item, hypothesis) for hypothesis in item.suggests])]
    return ranking.felt >= FELT or bool(failing or at_risk) or any(is_felt(item) for item in evidence)


def _sure(causes: tuple[RootCause, ...]) -> tuple[RootCause, ...]:
    """The causes, the first of them with the probability that it is right; the others are no likelier than that."""
    likely = [round(calibrated(cause.confidence), 4) for cause in causes[:1]]
    return tuple(
        cause.model_copy(update={"confidence": likely[0] if place == 0 else min(cause.confidence, likely[0])})
        for place, cause in enumerate(causes)
    )


def _cause(candidate: Candidate, evidence: Sequence[Evidence]) -> RootCause:
    return RootCause(
        subject=candidate.subject,
        mechanism=candidate.mechanism,
        field=candidate.field,
        wanted=candidate.wanted,
        confidence=round(candidate.confidence, 4),
        summary=_sentence(candidate, evidence),
        path=candidate.path,
        evidence=candidate.evidence,
    )


def _sentence(candidate: Candidate, evidence: Sequence[Evidence]) -> str:
    """What the strongest witness says, the field at fault, and what all of it rests on."""
    cited = [item for item in evidence if item.id in candidate.evidence]
    found = _witness(candidate, cited, same_subject=True) or _witness(candidate, cited, same_subject=False)
    said = found.summary if found else f"Trouble begins at {candidate.subject}."
    where = f" Field: {candidate.field}." if candidate.field else ""
    return f"{said}{where} {cite(candidate.evidence)}"


def _witness(candidate: Candidate, cited: Sequence[Evidence], *, same_subject: bool) -> Evidence | None:
    """Who says most strongly that this mechanism is at work, of this object or of one that it acts on."""
    witnesses = [
        (h.strength, -index, item)
        for index, item in enumerate(cited)
        for h in item.suggests
        if h.mechanism == candidate.mechanism and (h.subject == candidate.subject or not same_subject)
    ]
    return max(witnesses, key=lambda w: w[:2])[2] if witnesses else None


def cite(ids: Sequence[str]) -> str:
    """Evidence ids as they stand behind a sentence."""
    more = f" and {len(ids) - MOST_CITED} more" if len(ids) > MOST_CITED else ""
    return f"[{', '.join(ids[:MOST_CITED])}{more}]" if ids else "[no evidence]"


def _ruled_out(ranking: Ranking, named: int) -> tuple[RuledOut, ...]:
    """The candidates after the best, with what speaks against each; all of them where there is no fault."""
    best = ranking.candidates[0] if named else None
    found = []
    for candidate in ranking.candidates[1 if named else 0 :][:MOST_RULED_OUT]:
        weaker = f"{best.subject} explains it better" if best else "nothing suffers from it"
        found.append(
            RuledOut(
                subject=candidate.subject,
                mechanism=candidate.mechanism,
                reason=candidate.demoted or weaker,
                evidence=candidate.evidence,
            )
        )
    return tuple(found)


def _summary(
    fault: bool, abstained: bool, causes: Sequence[RootCause], evidence: Sequence[Evidence], missing: Sequence[str]
) -> str:
    gaps = f" {len(missing)} thing{'' if len(missing) == 1 else 's'} could not be seen." if missing else ""
    looked = cite([item.id for item in evidence[:3]])
    if not fault:
        return f"No fault: users are served as before, and nothing fails. {looked}{gaps}"
    if abstained:
        hint = f" The best guess: {causes[0].summary}" if causes else f" {looked}"
        return f"Not enough evidence to name a cause.{hint}{gaps}"
    return f"{causes[0].summary} Confidence {causes[0].confidence:.0%}.{gaps}"
