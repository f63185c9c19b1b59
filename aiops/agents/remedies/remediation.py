"""Remediation: from a diagnosis to a ranked list of typed changes, none of them tried before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from aiops.agents.remedies.kit.registry import READS, REMEDIES, RemedyCase
from aiops.agents.remedies.kit.undo_change import undo_changes
from aiops.agents.root_cause import ENOUGH
from aiops.agents.scoping.cluster_objects import read_state
from aiops.agents.scoping.observed_calls import observed_calls
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.changes.standing import standing
from aiops.analysis.changes.suspicion import LOOK_BACK
from aiops.core.action import Proposal
from aiops.core.changes import Change
from aiops.core.diagnosis import Diagnosis
from aiops.core.entity import Entity, ends
from aiops.core.evidence import Evidence, Window
from aiops.tools.kit.context import Context
from aiops.tools.recent_changes import recent_changes


async def propose(
    diagnosis: Diagnosis,
    scope: Scope,
    evidence: Sequence[Evidence],
    ctx: Context,
    tried: Sequence[Proposal] = (),
) -> list[Proposal]:
    """What to change, best first: for each cause undo what was changed, else what the mechanism's remedy computes.

    Nothing is proposed for a diagnosis that abstains or finds no fault, on an object that no evidence names, or a
    second time (`tried`: what was proposed before, whatever became of it).
    """
    if not diagnosis.fault or diagnosis.abstained:
        return []
    tools = Toolbox(ctx, READS)
    calls = await observed_calls(tools, scope.namespaces, scope.window, scope.baseline)
    state = await read_state(tools, scope.namespaces, calls)
    onset = diagnosis.onset or scope.onset
    elsewhere = [end.namespace for cause in diagnosis.root_causes for end in ends(cause.subject) if end.namespace]
    changes = await _changes(onset, scope, elsewhere, tools)
    named = named_in(evidence)
    found: list[Proposal] = []
    for cause in diagnosis.root_causes:
        if cause.confidence >= ENOUGH:
            cited = tuple(item for item in evidence if item.id in cause.evidence)
            found += await _for_cause(RemedyCase(cause, scope, state, changes, onset, tools, cited))
    done = {identity(proposal) for proposal in tried}
    kept: dict[str, Proposal] = {}
    for proposal in found:
        if proposal.target in named and identity(proposal) not in done:
            kept.setdefault(identity(proposal), proposal)
    return list(kept.values())


async def _for_cause(case: RemedyCase) -> list[Proposal]:
    undone = undo_changes(case)
    if case.cause.mechanism is None or case.cause.mechanism.value not in REMEDIES.names():
        return undone
    return [*undone, *await REMEDIES.get(case.cause.mechanism.value).propose(case)]


async def _changes(onset: float, scope: Scope, elsewhere: Sequence[str], tools: Toolbox) -> list[Change]:
    """The changes before the trouble that still stand, newest first: in the scope, and where a cause is."""
    window = Window(start=onset - LOOK_BACK, end=scope.window.end)
    found: list[Change] = []
    for namespace in dict.fromkeys((*scope.each_namespace(), *(elsewhere if scope.namespaces else ()))):
        result = await tools.read(recent_changes, window, namespace, 500)
        found += result.changes if result else ()
    unique = {(c.at, str(c.entity), c.verb): c for c in standing(found) if c.at <= scope.reported}
    return sorted(unique.values(), key=lambda change: (-change.at, str(change.entity)))


def named_in(evidence: Iterable[Evidence]) -> frozenset[Entity]:
    """Every entity that evidence is about or blames: only these may be changed."""
    named: set[Entity] = set()
    for item in evidence:
        for subject in (item.subject, *(hypothesis.subject for hypothesis in item.suggests)):
            named.update(ends(subject))
    return frozenset(named)


def identity(proposal: Proposal) -> str:
    """Equal for proposals that would make the same call."""
    return json.dumps([proposal.tool, str(proposal.target), proposal.arguments], sort_keys=True)
