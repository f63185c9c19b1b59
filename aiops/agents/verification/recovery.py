"""Is everybody well again, though nothing was done? Then there is nothing to change."""

from __future__ import annotations

import numpy as np

from aiops.agents.scoping.cluster_objects import read_state
from aiops.agents.scoping.observed_calls import observed_calls
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.agents.verification.user_signals import JUDGED, at_entries, tolerance
from aiops.agents.verification.verify import TOOLS, condition, firing_labels, still_firing
from aiops.analysis.anomaly.deviation import finite
from aiops.analysis.rootcause.from_evidence.witnesses import AT_STAKE
from aiops.core.action import Outcome
from aiops.core.diagnosis import Diagnosis
from aiops.core.evidence import Window
from aiops.tools.golden_signals import golden_signals
from aiops.tools.kit.context import Context

LATELY = 45.0
"""Seconds whose samples tell how users are now: three scrapes of fifteen seconds."""


async def recovered(scope: Scope, diagnosis: Diagnosis, ctx: Context) -> bool:
    """No alert of the incident fires, users are served as in the baseline, and no check finds a cause any more.

    What cannot be seen is not well, and damaged data does not mend itself. An incident that no alert opened is judged
    by the rest.
    """
    if diagnosis.best is not None and not diagnosis.abstained and diagnosis.best.mechanism in AT_STAKE:
        return False
    tools = Toolbox(ctx, TOOLS)
    now = await tools.now()
    firing = await firing_labels(tools)
    if firing is None or still_firing(scope, firing):
        return False
    if not await _served(scope, tools, now):
        return False
    lately = Window(start=now - LATELY, end=now)
    calls = await observed_calls(tools, scope.namespaces, lately, scope.baseline)
    state = await read_state(tools, scope.namespaces, calls)
    checks = [condition(cause, state) for cause in diagnosis.root_causes]
    return all(check is None or check.outcome is Outcome.BETTER for check in checks)


async def _served(scope: Scope, tools: Toolbox, now: float) -> bool:
    """Are the latest samples of the user-facing workloads where the baseline was? False without samples."""
    lately = Window(start=now - LATELY, end=now)
    judged = False
    for namespace in scope.each_namespace():
        window = Window(start=scope.onset, end=now)
        result = await tools.read(golden_signals, window, scope.baseline, namespace, signal=JUDGED)
        for name, series in at_entries([result] if result else [], scope):
            before, latest = finite(series.within(scope.baseline)), finite(series.within(lately))
            if not len(before) or not len(latest):
                return False
            if float(np.median(latest)) > float(np.median(before)) + tolerance(name, before, len(latest)):
                return False
            judged = True
    return judged
