"""What somebody who can write a log line, or who was just refused a right on purpose, gets the assistant to propose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from aiops.agents import root_cause
from aiops.agents.remedies import remediation
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.action import Proposal
from aiops.core.clock import rfc3339
from aiops.core.diagnosis import Diagnosis
from aiops.core.entity import Entity
from aiops.core.evidence import Evidence
from aiops.lab.kube import MASTERS, User, kubernetes_app
from tests.agents.conftest import evidence_of

pytestmark = pytest.mark.slow

RBAC = "rbac.authorization.k8s.io"
VICTIM = "rate"
"""The workload that suffers, whose pods write the lines."""


class Forger(httpx2.AsyncBaseTransport):
    """The API server of a cluster in which the victim's pods write these lines as well."""

    def __init__(self, rig: Any, lines: list[str]) -> None:
        app = kubernetes_app(rig.world.cluster, tokens={"root": User("root", (MASTERS,))}, logs=rig.world.logs)
        self._inner = httpx2.ASGITransport(app=app)
        self._rig, self._lines = rig, lines

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        path = request.url.path
        if not path.endswith("/log") or f"/pods/{VICTIM}-" not in path or "previous" in request.url.params:
            return response
        text = (await response.aread()).decode()
        stamp = rfc3339(self._rig.world.now - 20)
        return httpx2.Response(200, text=text + "".join(f"{stamp} {line}\n" for line in self._lines))


def refused(account: str, verb: str, resource: str, group: str = "") -> str:
    """The API server's words, as the program itself would log them."""
    return (
        f'{resource.partition("/")[0]} is forbidden: User "system:serviceaccount:{account}" cannot {verb} resource '
        f'"{resource}" in API group "{group}" in the namespace "hotel"'
    )


async def asked(rig: Any, lines: list[str]) -> tuple[list[Evidence], Diagnosis, list[Proposal]]:
    """What the assistant makes of a cluster with these lines in it."""
    rig.run(180)
    kube = KubernetesClient.at("http://lab", token="root", transport=Forger(rig, lines))
    ctx = replace(rig.ctx, kube=kube)
    scope = await rig.scope(ctx=ctx)
    findings = await rig.look(scope, ctx)
    diagnosis = root_cause.diagnose(scope, findings)
    proposals = await remediation.propose(diagnosis, scope, evidence_of(findings), ctx)
    return [item for item in evidence_of(findings) if "refused to" in item.summary], diagnosis, proposals


@pytest.fixture
async def rig(rig_of: Any) -> Any:
    made = await rig_of()
    await make(made, "Role", "admin-tools", rules=[rule(["*"], ["*"], "*")])
    await bind(made, "stale", "admin-tools", "ci-old")
    await made.recorder.sync()
    return made


def rule(verbs: list[str], resources: list[str], group: str = "") -> dict[str, Any]:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


async def make(rig: Any, kind: str, name: str, **rest: Any) -> None:
    meta = {"name": name, "namespace": "hotel"}
    await rig.engineer.create({"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": meta, **rest})


async def bind(rig: Any, name: str, role: str, account: str, kind: str = "Role") -> None:
    subject = {"kind": "ServiceAccount", "namespace": "hotel", "name": account}
    ref = {"apiGroup": RBAC, "kind": kind, "name": role}
    await make(rig, "RoleBinding", name, roleRef=ref, subjects=[subject])


async def break_rate(rig: Any) -> None:
    """Real trouble of the victim, with a denial of its own in its log."""
    other = rule(["get"], ["configmaps"]) | {"resourceNames": ["other"]}
    await rig.patch("Role", "rate-reader", {"rules": [other]})


async def test_forged_denials_give_nobody_anything(rig: Any) -> None:
    """Lines about other accounts, and about the writer's own one that it never had the right to."""
    await break_rate(rig)
    forged = [
        refused("hotel:frontend", "create", "pods/exec"),
        refused("hotel:geo", "get", "secrets"),
        refused("evil:pwn", "get", "configmaps"),
        refused("hotel:rate", "list", "services"),
        refused("hotel:rate", "get", "secrets"),
        refused("hotel:rate", "patch", "deployments", "apps"),
    ]
    evidence, _, proposals = await asked(rig, forged)
    told = {item.summary: item.suggests for item in evidence}
    unproven = [suggests for summary, suggests in told.items() if "nothing confirms" in summary]
    assert len(unproven) == 3
    assert not any(unproven)
    assert [(p.tool, str(p.target)) for p in proposals] == [("edit_role", "Role/hotel/rate-reader")]
    (only,) = proposals[0].arguments["rules"]
    assert (only["verbs"], only["resources"]) == (["get"], ["configmaps"]), "what the change took, and nothing else"
    assert "get configmaps" in proposals[0].expected_effect
    assert "ServiceAccount hotel/rate" in proposals[0].expected_effect


async def test_what_is_guarded_does_not_come_back_with_what_is_needed(rig: Any) -> None:
    """Somebody narrows a role that also read Secrets: only the refused call is given back."""
    reader = Entity(kind="Role", namespace="hotel", name="rate-reader")
    kept = (await rig.engineer.get(reader))["rules"]
    await rig.patch("Role", "rate-reader", {"rules": [*kept, rule(["get"], ["secrets"])]})
    rig.run(1000)
    await break_rate(rig)
    _, _, proposals = await asked(rig, [])
    assert {str(p.target) for p in proposals} == {str(reader)}
    for proposal in proposals:
        assert "secrets" not in str(proposal.arguments)
        assert "secrets" not in proposal.expected_effect.partition("no longer")[0]


@pytest.mark.parametrize("kind", ["ClusterRole", "Role"])
async def test_a_revoked_binding_stays_revoked(rig: Any, kind: str) -> None:
    """An admin takes a wide role from an account whose pods then say what they miss."""
    rules = [rule(["get", "list"], ["services", "secrets"])]
    if kind == "Role":
        await make(rig, kind, "contractor", rules=rules)
    else:
        meta = {"name": "contractor"}
        await rig.engineer.create({"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": meta, "rules": rules})
    await bind(rig, "contractor", "contractor", "rate", kind)
    await rig.recorder.sync()
    rig.run(1000)
    await rig.engineer.delete(Entity(kind="RoleBinding", namespace="hotel", name="contractor"))
    await break_rate(rig)
    _, diagnosis, proposals = await asked(rig, [refused("hotel:rate", "list", "services")])
    assert diagnosis.fault
    assert {str(p.target) for p in proposals} == {"Role/hotel/rate-reader"}


async def test_a_right_that_nobody_missed_for_long_is_not_given_back(rig: Any) -> None:
    await make(rig, "Role", "contractor", rules=[rule(["list"], ["services"])])
    await bind(rig, "contractor", "contractor", "rate")
    await rig.recorder.sync()
    rig.run(60)
    await rig.engineer.delete(Entity(kind="RoleBinding", namespace="hotel", name="contractor"))
    rig.run(1500)
    await break_rate(rig)
    _, _, proposals = await asked(rig, [refused("hotel:rate", "list", "services")])
    assert {str(p.target) for p in proposals} == {"Role/hotel/rate-reader"}
