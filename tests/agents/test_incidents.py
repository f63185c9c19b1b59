"""Whole incidents: an engineer breaks something, the agents find it, propose the cure, and see it work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from aiops.agents import root_cause
from aiops.core.action import Outcome
from aiops.core.mechanism import Mechanism

pytestmark = pytest.mark.slow

Break = Callable[[Any], Awaitable[None]]


async def _target_port(rig: Any) -> None:
    service = rig.world.cluster.find("Service", "hotel", "geo")
    port = service["spec"]["ports"][0]
    await rig.patch("Service", "geo", {"spec": {"ports": [{"port": port["port"], "targetPort": 9321}]}})


async def _selector(rig: Any) -> None:
    service = rig.world.cluster.find("Service", "hotel", "rate")
    key = sorted(service["spec"]["selector"])[0]
    await rig.patch("Service", "rate", {"spec": {"selector": {key: "rate-v9"}}})


async def _image(rig: Any) -> None:
    await rig.patch_container("profile", image="registry.example.com/hotel/profile:9.9.9-none")


async def _memory(rig: Any) -> None:
    await rig.patch_container("search", resources={"requests": {"memory": "16Mi"}, "limits": {"memory": "48Mi"}})


async def _policy(rig: Any) -> None:
    selector = rig.world.cluster.find("Deployment", "hotel", "geo")["spec"]["selector"]
    manifest = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"namespace": "hotel", "name": "tighten"},
        "spec": {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": []},
    }
    await rig.engineer.create(manifest)
    rig.broken_at = rig.world.now


async def _zero(rig: Any) -> None:
    await rig.patch("Deployment", "recommendation", {"spec": {"replicas": 0}})


async def _node_selector(rig: Any) -> None:
    await rig.patch("Deployment", "user", {"spec": {"template": {"spec": {"nodeSelector": {"disk": "none"}}}}})


CASES = [
    (_target_port, Mechanism.CONFIG_TARGET_PORT, "Service/hotel/geo", 180.0),
    (_selector, Mechanism.CONFIG_SELECTOR, "Service/hotel/rate", 180.0),
    (_image, Mechanism.IMAGE_UNAVAILABLE, "Deployment/hotel/profile", 300.0),
    (_memory, Mechanism.RESOURCE_MEMORY_LIMIT, "Deployment/hotel/search", 300.0),
    (_policy, Mechanism.NETWORK_POLICY, "NetworkPolicy/hotel/tighten", 180.0),
    (_zero, Mechanism.SCALING_REPLICAS, "Deployment/hotel/recommendation", 180.0),
    (_node_selector, Mechanism.SCHEDULING_NODE_SELECTOR, "Deployment/hotel/user", 300.0),
]


@pytest.mark.parametrize(("breaks", "mechanism", "subject", "seconds"), CASES, ids=[c[1].value for c in CASES])
async def test_a_fault_is_found_cured_and_seen_cured(
    rig_of: Any, breaks: Break, mechanism: Mechanism, subject: str, seconds: float
) -> None:
    rig = await rig_of()
    await breaks(rig)
    rig.run(seconds)
    scope = await rig.scope()
    findings = await rig.look(scope)
    diagnosis = root_cause.diagnose(scope, findings)
    assert diagnosis.fault, diagnosis.summary
    assert not diagnosis.abstained, diagnosis.summary
    best = diagnosis.best
    assert best is not None
    assert (best.mechanism, str(best.subject)) == (mechanism, subject), diagnosis.summary
    assert diagnosis.onset is not None
    assert abs(diagnosis.onset - rig.broken_at) <= 150

    proposals = await rig.resolve(scope, findings)
    assert proposals, diagnosis.summary
    before, action = await rig.make(scope, proposals[0])
    rig.run(15)
    assert (await rig.judge(before, action, diagnosis, scope)).outcome != Outcome.BETTER, "too early to tell"
    rig.run(400)
    verdict = await rig.judge(before, action, diagnosis, scope)
    assert verdict.outcome == Outcome.BETTER, [(c.name, c.outcome.value, c.summary) for c in verdict.checks]
