"""Verification: did a change help? Outside oracles decide: alerts, what users see, the condition found at fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from aiops.agents.root_cause import ENOUGH
from aiops.agents.scoping.cluster_objects import read_state
from aiops.agents.scoping.observed_calls import observed_calls
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.agents.verification.leftovers import is_leftover
from aiops.agents.verification.user_signals import JUDGED, entry_check, others_check
from aiops.analysis.rootcause.from_evidence.witnesses import FELT_ELSEWHERE
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.registry import run_all
from aiops.analysis.state.rollout import rollout_of
from aiops.core.action import Action, Check, Outcome, Proposal, Verdict
from aiops.core.diagnosis import Diagnosis, RootCause
from aiops.core.entity import WORKLOAD_KINDS, Entity, ends
from aiops.core.evidence import Window
from aiops.core.model import Value
from aiops.tools.firing_alerts import firing_alerts
from aiops.tools.golden_signals import GoldenSignals, golden_signals
from aiops.tools.kit.context import Context
from aiops.tools.kit.redaction import redact

TOOLS = ("golden_signals", "list_objects", "dependencies", "firing_alerts")

MOST_ALERTS = 500
"""Firing alerts that are compared; where there are more, nothing is said about them."""

STATE, CHANGES = "cluster-state-", "changes-"
"""How the ids of evidence from checks of objects and from the change history begin."""

SMEAR = 75.0
"""Seconds after a change, or after the onset of trouble, in which a rate still shows what was before it."""

SIGHT = 240.0
"""Seconds of the recent past that a look judges."""

LEFT = 0.5
"""Share of the alerts of before a change that may be left of trouble that it eased."""

ORACLES = frozenset({"users", "others"})
"""Checks of what users and other services get."""

Labels = tuple[tuple[str, str], ...]
"""The labels of one alert, sorted by name."""


class Baseline(Value):
    """How things stood just before a change (`at`, unix seconds): what must not get worse.

    `alerts` are the firing alerts as sorted label pairs; `unavailable` the workloads that lacked replicas; `unread`
    says which objects could not be read then, so that what is missing later can be told from what never was seen.
    """

    at: float
    alerts: tuple[Labels, ...] = ()
    unavailable: tuple[Entity, ...] = ()
    unread: tuple[str, ...] = ()


async def take_baseline(scope: Scope, ctx: Context) -> Baseline:
    """Measure what `verify` compares with. To be called right before the change."""
    tools = Toolbox(ctx, TOOLS)
    now = await tools.now()
    state = await read_state(tools, scope.namespaces)
    unread = tuple(tools.missing)
    alerts = await firing_labels(tools)
    return Baseline(at=now, alerts=tuple(alerts or ()), unavailable=tuple(unavailable(state)), unread=unread)


async def verify(
    before: Baseline, action: Action, diagnosis: Diagnosis, scope: Scope, ctx: Context, *, looks: int = 1
) -> Verdict:
    """Judge an action by named checks: BETTER once each check that applies says so, WORSE as soon as one does.

    `looks` is how many times this action has been and will be judged, for the correction of the statistics.
    UNCHANGED also means "not yet": rates and rollouts take time, so look again.
    """
    tools = Toolbox(ctx, TOOLS)
    now = await tools.now()
    recent = Window(start=max(before.at + SMEAR, now - SIGHT), end=max(now, before.at + SMEAR))
    onset = diagnosis.onset or scope.onset
    during = Window(start=min(onset, before.at), end=before.at)
    risen = during.model_copy(update={"start": min(onset + SMEAR, before.at)})
    calls = await observed_calls(tools, scope.namespaces, recent, scope.baseline)
    known = len(tools.missing)
    state = await read_state(tools, scope.namespaces, calls)
    unread = [gap for gap in tools.missing[known:] if gap not in before.unread]
    signals = await _signals(scope, tools, now)
    alerts = await _alerts(before, scope, state, tools)
    oracles = [alerts[0], entry_check(signals, scope, risen, recent, looks)]
    answered = entry_check(signals, scope, risen, recent, looks, ("error_ratio",))
    cause = cause_of(action.proposal, diagnosis)
    own = [condition(cause, state, unread), _settled(action.proposal.target, state)]
    checks = [
        *oracles,
        *own,
        _nothing_broke(before, action.proposal.target, state, ill_otherwise(cause, diagnosis, scope)),
        others_check(signals, scope, during, recent, looks),
    ]
    checks.append(other_causes(cause, diagnosis, state))
    applying = tuple(check for check in checks if check is not None)
    outcome = overall(applying)
    if outcome is Outcome.WORSE and (_is_anothers(applying, cause, own[0], diagnosis) or _catches_up(applying, cause)):
        outcome = Outcome.UNCHANGED
    cured = outcome is Outcome.UNCHANGED and own[0] is not None and overall([c for c in own if c]) is Outcome.BETTER
    stays = _another_stands(cause, diagnosis, state) or (cause is not None and is_proven(cause))
    return Verdict(
        outcome=outcome,
        checks=applying,
        blind=not any(oracles),
        cured=cured and stays,
        eased=alerts[1] and answered is not None and answered.outcome is Outcome.BETTER,
    )


def _is_anothers(
    checks: Sequence[Check], cause: RootCause | None, condition: Check | None, diagnosis: Diagnosis
) -> bool:
    """Is it another cause's doing that users are worse off? What can't work was put right, and what it kept from the
    rest now meets that other cause. Undoing it would help nobody for long."""
    mended = cause is not None and is_proven(cause) and condition is not None and condition.outcome is Outcome.BETTER
    others = [c for c in diagnosis.root_causes if c != cause and c.confidence >= ENOUGH]
    worse = {check.name for check in checks if check.outcome is Outcome.WORSE}
    return mended and bool(others) and worse <= ORACLES


def _catches_up(checks: Sequence[Check], cause: RootCause | None) -> bool:
    """Is work that waited done at last? While it is caught up with, others are asked for more than ever."""
    worse = {check.name for check in checks if check.outcome is Outcome.WORSE}
    return cause is not None and cause.mechanism in FELT_ELSEWHERE and worse <= ORACLES


def overall(checks: Sequence[Check]) -> Outcome:
    """WORSE where any check says so, BETTER where all do; nothing checked is no proof of anything."""
    outcomes = [check.outcome for check in checks]
    if Outcome.WORSE in outcomes:
        return Outcome.WORSE
    return Outcome.BETTER if outcomes and set(outcomes) == {Outcome.BETTER} else Outcome.UNCHANGED


async def firing_labels(tools: Toolbox) -> list[Labels] | None:
    """The labels of every alert that fires; None where not all of them could be seen."""
    found = await tools.read(firing_alerts, limit=MOST_ALERTS)
    if found is None or found.no_data or found.left_out:
        return None
    return sorted(tuple(sorted(alert.labels.items())) for alert in found.alerts)


def still_firing(scope: Scope, firing: Sequence[Labels]) -> Counter[str]:
    """How many of the alerts that opened the incident fire, by name. Both sides are compared without secrets."""
    reported = [set(redact(signal.labels).items()) for signal in scope.signals if signal.kind == "alert"]
    return Counter(dict(a).get("alertname", "?") for a in firing if any(set(a) <= r for r in reported))


async def _alerts(before: Baseline, scope: Scope, state: ClusterState, tools: Toolbox) -> tuple[Check | None, bool]:
    """Do the alerts that opened the incident still fire, of anything but pods that are over, and do most of them no
    more? No check where no rule's state was to be seen."""
    alerted = any(signal.kind == "alert" for signal in scope.signals)
    firing = await firing_labels(tools) if alerted and before.alerts else None
    if firing is None:
        return None, False
    lacking = unavailable(state)
    still = still_firing(scope, [labels for labels in firing if not is_leftover(dict(labels), state, lacking)])
    eased = still.total() <= LEFT * still_firing(scope, before.alerts).total()
    if still:
        names = ", ".join(name if count == 1 else f"{name} ({count} times)" for name, count in still.items())
        return Check(name="alerts", outcome=Outcome.UNCHANGED, summary=f"Still firing: {names}."), eased
    return Check(name="alerts", outcome=Outcome.BETTER, summary="No alert of this incident fires any more."), eased


async def _signals(scope: Scope, tools: Toolbox, now: float) -> list[GoldenSignals]:
    window = Window(start=scope.onset, end=max(now, scope.onset))
    results = [
        await tools.read(golden_signals, window, scope.baseline, namespace, signal=JUDGED)
        for namespace in scope.each_namespace()
    ]
    return [result for result in results if result is not None]


def cause_of(proposal: Proposal, diagnosis: Diagnosis) -> RootCause | None:
    """The cause that a change was meant to cure."""
    meant = [c for c in diagnosis.root_causes if (c.mechanism, c.evidence) == (proposal.mechanism, proposal.evidence)]
    return next((c for c in meant if c.subject == proposal.target), meant[0] if meant else diagnosis.best)


def condition(cause: RootCause | None, state: ClusterState, unread: Sequence[str] = ()) -> Check | None:
    """Does the check that found the cause still find it? None where no check of objects had found it.

    `unread` are the gaps in `state` that were none before the change: what is not seen is not gone."""
    if cause is None or cause.mechanism is None or not any(i.startswith(STATE) for i in cause.evidence):
        return None
    if unread:
        unseen = f"Whether the cause is gone could not be seen: {unread[0]}"
        return Check(name="root condition", outcome=Outcome.UNCHANGED, summary=unseen)
    for name, finding in run_all(state):
        for hypothesis in finding.suggests:
            if (str(hypothesis.subject), hypothesis.mechanism) == (str(cause.subject), cause.mechanism):
                still = f"The check {name} still finds it: {finding.summary}"
                return Check(name="root condition", outcome=Outcome.UNCHANGED, summary=still)
    gone = f"No check finds {cause.mechanism} at {cause.subject} any more."
    return Check(name="root condition", outcome=Outcome.BETTER, summary=gone)


def is_proven(cause: RootCause) -> bool:
    """Was it changed lately to what a check of objects finds wrong?"""
    return all(any(i.startswith(kind) for i in cause.evidence) for kind in (STATE, CHANGES))


def other_causes(cause: RootCause | None, diagnosis: Diagnosis, state: ClusterState) -> Check | None:
    """A further cause that is proven and still there: users may not feel it yet. None without one."""
    proven = diagnosis.model_copy(update={"root_causes": tuple(filter(is_proven, diagnosis.root_causes))})
    if not _another_stands(cause, proven, state):
        return None
    summary = "Another cause of the diagnosis still stands."
    return Check(name="other causes", outcome=Outcome.UNCHANGED, summary=summary)


def _another_stands(cause: RootCause | None, diagnosis: Diagnosis, state: ClusterState) -> bool:
    """Is another cause that is sure enough to be acted on still found by the checks of objects?"""
    others = [c for c in diagnosis.root_causes if c != cause and c.confidence >= ENOUGH]
    found = {(str(h.subject), h.mechanism) for _, finding in run_all(state) for h in finding.suggests}
    return any((str(c.subject), c.mechanism) in found for c in others)


def unavailable(state: ClusterState) -> list[Entity]:
    """Workloads with fewer pods available than asked for."""
    found = []
    for workload in state.workloads():
        status = workload.get("status", {})
        wanted = status.get("desiredNumberScheduled", workload["spec"].get("replicas", 1))
        available = status.get("numberAvailable", status.get("availableReplicas", 0))
        if available < wanted:
            found.append(Entity.of(workload))
    return found


def _settled(target: Entity, state: ClusterState) -> Check | None:
    """Has the rollout that the change began come to its end? None where the target is no workload."""
    manifest = state.find(target.kind, target.namespace, target.name)
    if target.kind not in WORKLOAD_KINDS or manifest is None:
        return None
    now = rollout_of(manifest)
    if now.finished:
        text = f"All {now.desired} replicas of {target} are available."
        return Check(name="rollout", outcome=Outcome.BETTER, summary=text)
    text = (
        f"{now.updated} of {now.due} replicas of {target} are updated, {now.available} available, {now.existing} exist."
    )
    return Check(name="rollout", outcome=Outcome.UNCHANGED, summary=text)


def ill_otherwise(cause: RootCause | None, diagnosis: Diagnosis, scope: Scope) -> frozenset[Entity]:
    """The workloads of other causes, sure enough to be acted on: they get worse by themselves until those are cured."""
    others = [c for c in diagnosis.root_causes if c != cause and c.confidence >= ENOUGH]
    mine = set(_workloads(cause, scope)) if cause else set()
    return frozenset(workload for other in others for workload in _workloads(other, scope)) - mine


def _workloads(cause: RootCause, scope: Scope) -> list[Entity]:
    return [component for end in ends(cause.subject) for component in scope.call_map.components(end)]


def _nothing_broke(before: Baseline, target: Entity, state: ClusterState, ill: frozenset[Entity]) -> Check:
    """Does a workload lack replicas that did not before? The target itself may, while it rolls out, and what is `ill`
    for a cause of its own."""
    spared = {*before.unavailable, *ill, target}
    new = [str(w) for w in unavailable(state) if w not in spared]
    if new:
        return Check(name="workloads", outcome=Outcome.WORSE, summary=f"Now lacking replicas: {', '.join(new)}.")
    return Check(name="workloads", outcome=Outcome.BETTER, summary="No other workload lost replicas.")
