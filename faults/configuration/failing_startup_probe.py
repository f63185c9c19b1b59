"""Fault: a startup probe that asks a healthy process for the wrong thing."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.probes import mistaken, network_check, passed, question, sound_questions
from aiops.faults.kit.workloads import container_named, containers, find, for_container, original
from aiops.faults.parameters import one_of, pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

PROBE = "startupProbe"


async def _present(target: Target, before: Before, deployment: Entity, form: str, threshold: int) -> bool:
    """A probe is right when it asks what a probe asked before, when the serving port is enough for it, when a pod that
    has it is ready, or when there is none."""
    container, now = containers(original(before, deployment))[0], await find(target, deployment)
    changed = container_named(now, container["name"]) if now else None
    if now is None or changed is None:
        return True
    if not changed.get(PROBE):
        return False
    return question(changed, changed[PROBE]) not in [
        *sound_questions(container),
        *await passed(target, now, container["name"], PROBE),
    ]


async def _other_fix(target: Target, before: Before, deployment: Entity, form: str, threshold: int) -> None:
    """A connection to the serving port is enough."""
    container = containers(original(before, deployment))[0]
    probe = {"httpGet": None, "tcpSocket": {"port": container["ports"][0]["containerPort"]}}
    await target.patch(deployment, for_container(container["name"], **{PROBE: probe}))


@fault(
    Mechanism.CONFIG_PROBE,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def failing_startup_probe(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    form: Annotated[str, one_of("path", "port")],
    threshold: Annotated[int, whole(2, 4)],
) -> GroundTruth:
    """A startup probe asks for what is not served: no new container is seen to have started, and each is killed."""
    container = containers(await target.get(deployment))[0]
    found = network_check(container.get("readinessProbe") or {})
    if found is None:
        raise NotPossibleError(f"{deployment}: container {container['name']} has no probe over the network")
    check, action = found
    asked = mistaken(action, container, form if check == "httpGet" else "port")
    timing = {"periodSeconds": 5, "timeoutSeconds": 2, "failureThreshold": threshold}
    await target.patch(deployment, for_container(container["name"], **{PROBE: {check: asked, **timing}}))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.CONFIG_PROBE,
        field=f"spec.template.spec.containers[{container['name']}].{PROBE}",
    )
