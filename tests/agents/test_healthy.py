"""What must not be taken for a fault, and what to say when something cannot be seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aiops.agents import root_cause
from aiops.agents.remedies import remediation
from aiops.core.incident import Signal

pytestmark = pytest.mark.slow


def _question(rig: Any) -> Signal:
    return Signal(
        id="q",
        kind="question",
        title="Is anything wrong?",
        fingerprint="q",
        starts_at=rig.world.now,
        received_at=rig.world.now,
    )


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_healthy_cluster_has_no_fault(rig_of: Any, seed: int) -> None:
    rig = await rig_of(seed, 1500.0)
    scope = await rig.scope(_question(rig))
    diagnosis = root_cause.diagnose(scope, await rig.look(scope))
    assert not diagnosis.fault, diagnosis.summary
    assert diagnosis.onset is None


async def test_an_innocent_change_is_no_fault_even_when_somebody_asks(rig_of: Any) -> None:
    rig = await rig_of()
    await rig.patch("Deployment", "profile", {"spec": {"template": {"metadata": {"annotations": {"team": "b"}}}}})
    await rig.patch("Deployment", "geo", {"spec": {"replicas": 3}})
    rig.run(240)
    scope = await rig.scope(_question(rig))
    findings = await rig.look(scope)
    diagnosis = root_cause.diagnose(scope, findings)
    assert not diagnosis.fault, [
        (e.subject, e.score, e.summary, e.observed, e.onset) for f in findings for e in f.evidence
    ]
    assert await rig.resolve(scope, findings) == []
    changed = [e for f in findings if f.specialist == "changes" for e in f.evidence]
    assert {str(e.subject) for e in changed} >= {"Deployment/hotel/profile", "Deployment/hotel/geo"}


async def test_an_innocent_later_change_does_not_draw_the_blame(rig_of: Any) -> None:
    rig = await rig_of()
    port = rig.world.cluster.find("Service", "hotel", "rate")["spec"]["ports"][0]["port"]
    await rig.patch("Service", "rate", {"spec": {"ports": [{"port": port, "targetPort": 9321}]}})
    broken_at = rig.broken_at
    rig.run(40)
    await rig.patch("Deployment", "geo", {"spec": {"replicas": 3}})
    rig.broken_at = broken_at
    rig.run(140)
    scope = await rig.scope()
    diagnosis = root_cause.diagnose(scope, await rig.look(scope))
    assert diagnosis.best is not None
    assert str(diagnosis.best.subject) == "Service/hotel/rate"


@pytest.mark.parametrize("without", ["metrics", "traces", "changes"])
async def test_a_missing_part_is_said_and_the_cause_found_all_the_same(rig_of: Any, without: str) -> None:
    rig = await rig_of()
    port = rig.world.cluster.find("Service", "hotel", "geo")["spec"]["ports"][0]["port"]
    await rig.patch("Service", "geo", {"spec": {"ports": [{"port": port, "targetPort": 9321}]}})
    rig.run(180)
    ctx = replace(rig.ctx, **{without: None})
    scope = await rig.scope(ctx=ctx)
    diagnosis = root_cause.diagnose(scope, await rig.look(scope, ctx))
    assert any("configured" in note or "recorder" in note for note in diagnosis.missing)
    assert diagnosis.best is not None
    assert str(diagnosis.best.subject) == "Service/hotel/geo"
    assert not diagnosis.abstained


async def test_blind_and_without_a_clue_it_abstains(rig_of: Any) -> None:
    rig = await rig_of(1, 60.0)
    ctx = replace(rig.ctx, metrics=None, traces=None, changes=None)
    rig.broken_at = rig.world.now - 50
    scope = await rig.scope(rig.alert(10), ctx=ctx)
    diagnosis = root_cause.diagnose(scope, await rig.look(scope, ctx))
    assert (diagnosis.fault, diagnosis.abstained) == (True, True)
    assert await remediation.propose(diagnosis, scope, (), ctx) == []


async def test_what_was_tried_is_not_proposed_again(rig_of: Any) -> None:
    rig = await rig_of()
    await rig.patch_container("profile", image="registry.example.com/hotel/profile:9.9.9-none")
    rig.run(240)
    scope = await rig.scope()
    findings = await rig.look(scope)
    proposals = await rig.resolve(scope, findings)
    assert [p.tool for p in proposals[:2]] == ["set_image", "rollout_undo"]
    again = await rig.resolve(scope, findings, (proposals[0],))
    assert again == proposals[1:]
    assert all(p.evidence for p in proposals)


async def test_what_was_mended_before_anybody_looked_is_no_fault(rig_of: Any) -> None:
    rig = await rig_of()
    port = rig.world.cluster.find("Service", "hotel", "geo")["spec"]["ports"][0]
    await rig.patch("Service", "geo", {"spec": {"ports": [{"port": port["port"], "targetPort": 9321}]}})
    broken_at = rig.broken_at
    rig.run(75)
    await rig.patch("Service", "geo", {"spec": {"ports": [{"port": port["port"], "targetPort": port["targetPort"]}]}})
    rig.broken_at = broken_at
    rig.run(165)
    scope = await rig.scope()
    findings = await rig.look(scope)
    diagnosis = root_cause.diagnose(scope, findings)
    assert not diagnosis.fault, diagnosis.summary
    assert await rig.resolve(scope, findings) == []
