"""Logs: which statements are new, gone, or more or less frequent than before."""

from __future__ import annotations

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.support.denials import TOOLS, blamed_for
from aiops.agents.specialists.support.settings import blamed_for_setting
from aiops.agents.specialists.support.stores import blamed_by_store, may_be_store
from aiops.agents.specialists.support.tokens import misses_token, token_setting
from aiops.agents.specialists.support.unreadable_answers import blamed_for_answers, callee_in
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.logs.compare import TemplateChange, compare
from aiops.analysis.logs.forbidden import Denial, denial_of
from aiops.analysis.logs.named_setting import NamedSetting, setting_in
from aiops.analysis.logs.signatures import is_trouble, signature_of
from aiops.analysis.logs.store_signatures import store_signature_of
from aiops.analysis.logs.unreadable import is_unreadable
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.tools.logs_by_template import LogTemplates, TemplateSummary, logs_by_template

MOST_WORKLOADS = 30
"""Workloads whose logs are read: those that the signals name first, then the nearest in calls."""

MOST_PER_WORKLOAD = 4

MOST_TEMPLATES = 300
"""Templates of a workload that are read: the one that tells may be the rarest."""

OFTEN = 10
"""Answers without sense from which they are no accident of one record."""

LAST_WORDS = 4
"""Lines of one kind that two containers have of their last runs."""

EARLIER = 900.0
"""Seconds before the guessed onset from which a refusal may belong to the trouble."""


@specialist(name="logs", source=Source.LOGS, tools=("logs_by_template", *TOOLS))
async def logs(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Compares the templates of what containers wrote with those of the baseline, and knows well-known messages."""
    found: list[Observation] = []
    workloads = by_nearness(scope)
    if len(workloads) > MOST_WORKLOADS:
        tools.missing.append(f"the logs of {len(workloads) - MOST_WORKLOADS} distant workloads were not read")
    for workload in workloads[:MOST_WORKLOADS]:
        result = await tools.read(logs_by_template, workload, scope.window, scope.baseline, limit=MOST_TEMPLATES)
        if result is not None:
            found += await _of_workload(workload, result, scope, tools)
            found += await _denied(workload, result, scope, tools)
            found += await _without_token(workload, result, scope, tools)
            found += await _settings(workload, result, scope, tools)
            found += await _unreadable(workload, result, scope, tools)
    return found


async def _unreadable(workload: Entity, result: LogTemplates, scope: Scope, tools: Toolbox) -> list[Observation]:
    """Answers that a workload could not make sense of, since the trouble began, with what gave them."""
    found: dict[Entity, Observation] = {}
    for summary in result.templates:
        new = summary.count >= OFTEN and not summary.baseline_count and summary.first_at >= scope.onset - EARLIER
        callee = callee_in(summary.example, workload, scope) if new and is_unreadable(summary.example) else None
        if callee is not None and callee not in found:
            found[callee] = Observation(
                subject=callee,
                query=query(logs_by_template, workload=workload, window=scope.window, baseline=scope.baseline),
                window=scope.window,
                summary=f"{workload} cannot make sense of what {callee} answers.",
                observed=f"{summary.count} line(s) such as: {summary.example}",
                baseline="0 line(s)",
                score=0.7,
                onset=summary.first_at,
                suggests=await blamed_for_answers(callee, scope, tools),
            )
    return list(found.values())


async def _settings(workload: Entity, result: LogTemplates, scope: Scope, tools: Toolbox) -> list[Observation]:
    """Settings that a program began to complain about, with the object that holds them."""
    found: dict[NamedSetting, Observation] = {}
    for summary in result.templates:
        new = summary.count and not summary.baseline_count
        named = setting_in(summary.example) if new and summary.first_at >= scope.onset - EARLIER else None
        if named is None or named in found:
            continue
        window = Window(start=scope.onset - EARLIER, end=scope.window.end)
        blamed = await blamed_for_setting(named, workload, window, tools)
        if blamed:
            found[named] = Observation(
                subject=workload,
                query=query(logs_by_template, workload=workload, window=scope.window, baseline=scope.baseline),
                window=scope.window,
                summary=f"{workload} complains about its setting {named.name}.",
                observed=f"{summary.count} line(s) such as: {summary.example}",
                baseline="0 line(s)",
                score=0.5,
                onset=summary.first_at,
                suggests=blamed,
            )
    return list(found.values())


async def _denied(workload: Entity, result: LogTemplates, scope: Scope, tools: Toolbox) -> list[Observation]:
    """Calls to the API that were refused since the trouble began, with the roles and bindings to blame."""
    found: dict[Denial, Observation] = {}
    for summary in result.templates:
        denial = denial_of(summary.example)
        if denial is None or not summary.count or summary.first_at < scope.onset - EARLIER or denial in found:
            continue
        window = Window(start=scope.onset - EARLIER, end=scope.window.end)
        blamed = await blamed_for(denial, workload, window, tools)
        found[denial] = Observation(
            subject=workload,
            query=query(logs_by_template, workload=workload, window=scope.window, baseline=scope.baseline),
            window=scope.window,
            summary=_refused(workload, denial, bool(blamed)),
            observed=f"{summary.count} line(s) such as: {summary.example}",
            baseline=f"{summary.baseline_count or 0} line(s)",
            score=0.7 if blamed else 0.2,
            onset=summary.first_at,
            suggests=blamed,
        )
    return list(found.values())


async def _without_token(workload: Entity, result: LogTemplates, scope: Scope, tools: Toolbox) -> list[Observation]:
    """A program that looks in vain for the token of its service account, with the setting to blame."""
    for summary in result.templates:
        if not summary.count or summary.first_at < scope.onset - EARLIER or not misses_token(summary.example):
            continue
        blamed = await token_setting(workload, tools)
        if blamed:
            return [
                Observation(
                    subject=workload,
                    query=query(logs_by_template, workload=workload, window=scope.window, baseline=scope.baseline),
                    window=scope.window,
                    summary=f"{workload} finds no token of its service account.",
                    observed=f"{summary.count} line(s) such as: {summary.example}",
                    baseline=f"{summary.baseline_count or 0} line(s)",
                    score=0.7,
                    onset=summary.first_at,
                    suggests=blamed,
                )
            ]
    return []


def _refused(workload: Entity, denial: Denial, confirmed: bool) -> str:
    if confirmed:
        return f"{workload} was refused to {denial.request}."
    return f"{workload} writes that {denial.account} was refused to {denial.request}; nothing confirms it."


def by_nearness(scope: Scope) -> list[Entity]:
    """The workloads of the scope's namespaces, those in focus first, then by distance to the focus in calls."""
    graph = scope.call_map.graph()
    focus = [component for entity in scope.focus for component in scope.call_map.components(entity)]
    focus = focus or list(scope.call_map.entries)

    def distance(workload: Entity) -> tuple[int, str]:
        calls = [d for f in focus if (d := graph.distance(workload, f)) is not None]
        return min(calls, default=len(scope.call_map.workloads)), str(workload)

    inside = [w for w in scope.call_map.workloads if not scope.namespaces or w.namespace in scope.namespaces]
    return sorted(inside, key=distance)


async def _of_workload(workload: Entity, result: LogTemplates, scope: Scope, tools: Toolbox) -> list[Observation]:
    before = {t.template: t.baseline_count or 0 for t in result.templates}
    after = {t.template: t.count for t in result.templates}
    summaries = {t.template: t for t in result.templates}
    kept_since = min((t.first_at for t in result.templates), default=scope.baseline.start)
    seconds = [_covered(window, kept_since) for window in (scope.baseline, scope.window)]
    changes = compare(before, seconds[0], after, seconds[1])
    store = may_be_store(workload, scope)
    seen = [
        (change, summary, await _speaks_for(workload, summary, tools, store=store))
        for change in changes
        if _tells(change, summary := summaries[change.template], store=store)
    ]
    seen.sort(key=lambda one: not one[2])  # the one line that has a known meaning may be rare
    return [_observation(workload, *one, scope) for one in seen[:MOST_PER_WORKLOAD]]


def _covered(window: Window, kept_since: float) -> float:
    """Seconds of a window for which logs are kept: containers are younger than the window, and logs are rotated."""
    return max(window.end - max(window.start, kept_since), 1.0)


def _tells(change: TemplateChange, summary: TemplateSummary, *, store: bool) -> bool:
    """New or more frequent lines count where they speak of trouble; anything else moves with the traffic."""
    known = store and store_signature_of(summary.example) is not None
    return change.kind in ("new", "more") and (known or is_trouble(summary.example))


async def _speaks_for(
    workload: Entity, summary: TemplateSummary, tools: Toolbox, *, store: bool
) -> tuple[Hypothesis, ...]:
    """What a line of known wording blames."""
    if store and (blamed := await blamed_by_store(workload, summary.example, summary.pods, tools)):
        return blamed
    known = signature_of(summary.example)
    if known is None or denial_of(summary.example) is not None or is_unreadable(summary.example):
        return ()
    means = ((known.mechanism, known.strength), *known.also)
    return tuple(Hypothesis(subject=workload, mechanism=mechanism, strength=strength) for mechanism, strength in means)


def _observation(
    workload: Entity,
    change: TemplateChange,
    summary: TemplateSummary,
    suggests: tuple[Hypothesis, ...],
    scope: Scope,
) -> Observation:
    surprise = min(abs(change.z) / 20, 1.0)
    return Observation(
        subject=workload,
        query=query(logs_by_template, workload=workload, window=scope.window, baseline=scope.baseline),
        window=scope.window,
        summary=f"{workload} writes {'a new' if change.kind == 'new' else 'more of a'} message that tells of trouble.",
        observed=f"{summary.count} line(s) such as: {summary.example}",
        baseline=f"{summary.baseline_count or 0} line(s)",
        # Callers log the trouble of what they call, so a message alone does not say who is ill.
        score=0.2 + 0.3 * surprise,
        onset=summary.first_at if change.kind == "new" and not _is_last_word(summary, suggests) else None,
        suggests=suggests,
    )


def _is_last_word(summary: TemplateSummary, suggests: tuple[Hypothesis, ...]) -> bool:
    """Is it what a process says as it ends? Of one that ends again and again only the last runs are kept."""
    return bool(suggests) and summary.count <= LAST_WORDS
