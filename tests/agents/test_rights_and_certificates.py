"""Rights and objects that were lost, and expired certificates: found by what they break, cured from the history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from aiops.agents import root_cause
from aiops.core.action import Outcome
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

pytestmark = pytest.mark.slow

Break = Callable[[Any], Awaitable[None]]
RIGHTS, TLS = Mechanism.AUTH_RBAC_DENIED, Mechanism.TLS_CERTIFICATE_EXPIRED


async def _rule(rig: Any) -> None:
    rule = {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["other"], "verbs": ["get"]}
    await rig.patch("Role", "rate-reader", {"rules": [rule]})


async def _subject(rig: Any) -> None:
    account = {"kind": "ServiceAccount", "name": "serch", "namespace": "hotel"}
    await rig.patch("RoleBinding", "search-reader", {"subjects": [account]})


async def _another_account(rig: Any) -> None:
    await rig.patch("Deployment", "rate", {"spec": {"template": {"spec": {"serviceAccountName": "geo"}}}})


async def _binding_gone(rig: Any) -> None:
    binding = Entity(kind="RoleBinding", namespace="hotel", name="recommendation-reader")
    await rig.engineer.delete(binding)
    await rig.recorder.sync()
    rig.broken_at = rig.world.now


async def _service_gone(rig: Any) -> None:
    await rig.engineer.delete(Entity(kind="Service", namespace="hotel", name="geo"))
    await rig.recorder.sync()
    rig.broken_at = rig.world.now


async def _certificate(rig: Any) -> None:
    (entry,) = rig.world.cluster.get("Ingress", "hotel", "hotel")["spec"]["tls"]
    await rig.patch("Ingress", "hotel", {"spec": {"tls": [{**entry, "secretName": "hotel-tls-2025"}]}})


CASES = [
    (_rule, RIGHTS, "Role/hotel/rate-reader", "edit_role"),
    (_subject, RIGHTS, "RoleBinding/hotel/search-reader", "edit_role_binding"),
    (_another_account, RIGHTS, "Deployment/hotel/rate", "rollout_undo"),
    (_binding_gone, RIGHTS, "RoleBinding/hotel/recommendation-reader", "recreate_grant"),
    (_service_gone, Mechanism.CONFIG_SERVICE_MISSING, "Service/hotel/geo", "recreate_object"),
    (_certificate, TLS, "Ingress/hotel/hotel", "set_ingress_tls"),
]


@pytest.mark.parametrize(("breaks", "mechanism", "subject", "tool"), CASES, ids=[c[2] for c in CASES])
async def test_it_is_found_and_cured_beside_innocent_changes(
    rig_of: Any, breaks: Break, mechanism: Mechanism, subject: str, tool: str
) -> None:
    rig = await rig_of()
    await breaks(rig)
    broken_at = rig.broken_at
    rig.run(60)
    await rig.patch("Deployment", "review", {"spec": {"template": {"metadata": {"annotations": {"team": "b"}}}}})
    await rig.patch("Deployment", "geo", {"spec": {"replicas": 3}})
    rig.broken_at = broken_at
    rig.run(180)
    scope = await rig.scope()
    findings = await rig.look(scope)
    diagnosis = root_cause.diagnose(scope, findings)
    best = diagnosis.best
    assert best is not None
    assert (best.mechanism, str(best.subject), diagnosis.abstained) == (mechanism, subject, False)
    proposals = await rig.resolve(scope, findings)
    assert (proposals[0].tool, str(proposals[0].target)) == (tool, subject)
    assert {str(p.target) for p in proposals} == {subject}, "no innocent change is touched"
    before, action = await rig.make(scope, proposals[0])
    rig.run(400)
    verdict = await rig.judge(before, action, diagnosis, scope)
    assert verdict.outcome == Outcome.BETTER, [(c.name, c.outcome.value, c.summary) for c in verdict.checks]
