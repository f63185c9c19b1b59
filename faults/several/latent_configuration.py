"""Fault: a cause long before its symptom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from aiops.core.disturbance.behaviour import Crash
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.disturbance.scope import Pods
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.environment import KeyUse, current_value, source_of, value_in, variables
from aiops.faults.kit.workloads import for_container, original, pods_of
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _keys_in_use(target: Target, namespace: str) -> Sequence[KeyUse]:
    """The variables of workloads in use that come from a key of a ConfigMap."""
    return [
        KeyUse(variable=variable, source=found[0], key=found[1])
        for deployment in await serving(target, "Deployment", namespace)
        for variable, entry in variables(await target.get(deployment))
        if (found := source_of(entry, namespace)) and found[0].kind == "ConfigMap"
    ]


async def _present(target: Target, before: Before, use: KeyUse, minutes: int) -> bool:
    """A container that starts now must get the value that it got before, wherever from."""
    return await current_value(target, use.variable) != value_in(original(before, use.source), use.key)


async def _other_fix(target: Target, before: Before, use: KeyUse, minutes: int) -> None:
    """The value itself in the container."""
    value = value_in(original(before, use.source), use.key)
    entry = {"name": use.variable.name, "value": value, "valueFrom": None}
    await target.patch(use.variable.deployment, for_container(use.variable.container, env=[entry]))


@fault(
    Mechanism.CONFIG_MISSING_KEY,
    entities=("ConfigMap",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts", "several"}),
)
async def latent_configuration(
    target: Target,
    use: Annotated[KeyUse, choose("a variable from a ConfigMap", _keys_in_use, KeyUse.parse)],
    minutes: Annotated[int, whole(2, 8)],
) -> GroundTruth:
    """A key of a ConfigMap goes, which nobody feels until minutes later, when the processes end once and start anew."""
    deployment = await target.get(use.variable.deployment)
    pods = await pods_of(target, deployment)
    names = tuple(str(pod["metadata"]["name"]) for pod in pods)
    oldest = min(datetime.fromisoformat(pod["status"]["startTime"]).timestamp() for pod in pods)
    age = await _now(target) - oldest
    once = Misbehaviour(
        pods=Pods(namespace=use.source.namespace, names=names),
        behaviours=(Crash(after_seconds=age + 60.0 * minutes),),
        until_restart=True,
    )
    await target.disturb(once)
    await target.patch(use.source, {"data": {use.key: None}}, "merge")
    return GroundTruth(subject=use.source, mechanism=Mechanism.CONFIG_MISSING_KEY, field=f"data.{use.key}")


async def _now(target: Target) -> float:
    """The present as the cluster has it, in unix seconds: the newest heartbeat of a node."""
    leases = await target.list("Lease", "kube-node-lease")
    return max(datetime.fromisoformat(lease["spec"]["renewTime"]).timestamp() for lease in leases)
