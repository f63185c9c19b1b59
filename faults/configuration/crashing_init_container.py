"""Fault: an init container that fails each time."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.readiness import works
from aiops.faults.kit.workloads import find, for_pods
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

IMAGE = "docker.io/library/busybox:1.36"


async def _present(target: Target, before: Before, deployment: Entity, name: str, step: str) -> bool:
    """The step must be gone, or pods be seen to get beyond it."""
    now = await find(target, deployment)
    if now is None:
        return True
    first = now["spec"]["template"]["spec"].get("initContainers") or ()
    if all(each.get("command") != _command(step) for each in first):
        return False
    return not await works(target, now, lambda spec: [each.get("command") for each in spec.get("initContainers") or ()])


async def _other_fix(target: Target, before: Before, deployment: Entity, name: str, step: str) -> None:
    """Pods go on without what the step needs."""
    await target.patch(deployment, for_pods(initContainers=[{"name": name, "command": _command(f"{step} || true")}]))


@fault(
    Mechanism.CONFIG_INIT_CONTAINER,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def crashing_init_container(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    name: Annotated[str, one_of("prepare", "load-settings", "render-templates", "warm-up")],
    step: Annotated[
        str,
        one_of(
            "cat /etc/app/settings.yaml",
            "test -f /config/routes.json",
            "head -n 1 /var/lib/app/seed.csv",
            "wget -q -T 2 -O /tmp/settings http://settings.internal:8080/v1",
            "nc -z -w 2 migrations 5432",
        ),
    ],
) -> GroundTruth:
    """An init container is added whose step fails: new pods start it over and over, and nothing else."""
    first: Manifest = {"name": name, "image": IMAGE, "command": _command(step)}
    await target.patch(deployment, for_pods(initContainers=[first]))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.CONFIG_INIT_CONTAINER,
        field=f"spec.template.spec.initContainers[{name}]",
    )


def _command(step: str) -> list[str]:
    return ["sh", "-c", step]
