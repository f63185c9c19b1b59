"""Named checks around a change: what they agree on, and which alerts still fire."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from aiops.agents.toolbox import Toolbox
from aiops.agents.verification.verify import (
    MOST_ALERTS,
    TOOLS,
    Baseline,
    _another_stands,
    _catches_up,
    _is_anothers,
    _nothing_broke,
    _settled,
    condition,
    firing_labels,
    ill_otherwise,
    overall,
    still_firing,
)
from aiops.analysis.state.cluster import ClusterState
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.action import Check, Outcome
from aiops.core.clock import VirtualClock
from aiops.core.diagnosis import Diagnosis, RootCause
from aiops.core.entity import Entity
from aiops.core.incident import Signal
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context
from tests.support.investigation import ONSET, make_scope


def test_every_check_must_agree_before_a_change_counts_as_better() -> None:
    def checks(*outcomes: Outcome) -> list[Check]:
        return [Check(name="n", outcome=o, summary="s") for o in outcomes]

    assert overall(checks(Outcome.BETTER, Outcome.BETTER)) == Outcome.BETTER
    assert overall(checks(Outcome.BETTER, Outcome.UNCHANGED)) == Outcome.UNCHANGED
    assert overall(checks(Outcome.BETTER, Outcome.UNCHANGED, Outcome.WORSE)) == Outcome.WORSE
    assert overall([]) == Outcome.UNCHANGED


def _tools(alerts: Any, status: int = 200) -> Toolbox:
    def serve(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, json={"status": "success", "data": {"alerts": alerts}})

    wire = httpx2.MockTransport(serve)
    metrics = PrometheusClient.at("http://prom", transport=wire, retry=Retry(1, 0.0))
    kube = KubernetesClient.at("http://cluster", transport=wire)
    return Toolbox(Context(kube=kube, clock=VirtualClock(0.0), metrics=metrics), TOOLS)


def _alert(**labels: str) -> dict[str, Any]:
    return {"state": "firing", "labels": {"alertname": "Slow", **labels}}


@pytest.mark.parametrize(
    ("alerts", "status"), [(None, 200), ([], 500), ([_alert(n=str(i)) for i in range(MOST_ALERTS + 1)], 200)]
)
async def test_alerts_that_were_not_all_seen_are_no_proof_of_silence(alerts: Any, status: int) -> None:
    assert await firing_labels(_tools(alerts, status)) is None


async def test_silence_is_seen() -> None:
    assert await firing_labels(_tools([])) == []


async def test_an_alert_of_the_incident_is_known_again_whatever_its_labels_hold() -> None:
    """Tools take secrets out of labels; the alert that came by webhook has them still."""
    labels = {"alertname": "Slow", "namespace": "shop", "token": "abcdefgh12345678"}
    signal = Signal(id="s", kind="alert", title="t", labels=labels, fingerprint="f", starts_at=ONSET, received_at=ONSET)
    firing = await firing_labels(_tools([_alert(namespace="shop", token=labels["token"]), _alert(namespace="other")]))
    assert firing is not None
    assert still_firing(make_scope(signals=(signal,)), firing) == {"Slow": 1}


@pytest.mark.parametrize(
    ("kind", "rolling", "done"),
    [
        ("Deployment", {"updatedReplicas": 1}, {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}),
        ("StatefulSet", {"updatedReplicas": 1}, {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}),
        (
            "DaemonSet",
            {"updatedNumberScheduled": 1},
            {"currentNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2},
        ),
    ],
)
def test_a_workload_that_still_rolls_is_not_better(kind: str, rolling: dict[str, int], done: dict[str, int]) -> None:
    target = Entity(kind=kind, namespace="shop", name="db")

    def outcome(status: dict[str, int]) -> Outcome:
        manifest = {
            "kind": kind,
            "metadata": {"namespace": "shop", "name": "db", "generation": 1},
            "spec": {"replicas": 2, "template": {}},
            "status": {"observedGeneration": 1, "desiredNumberScheduled": 2, **status},
        }
        check = _settled(target, ClusterState([manifest], 0.0))
        assert check is not None
        return check.outcome

    assert outcome(done) is Outcome.BETTER
    assert outcome({**done, **rolling}) is Outcome.UNCHANGED
    assert outcome({**done, "observedGeneration": 0}) is Outcome.UNCHANGED


def test_what_is_no_workload_has_no_rollout() -> None:
    service = {"kind": "Service", "metadata": {"namespace": "shop", "name": "db"}, "spec": {}}
    assert _settled(Entity.of(service), ClusterState([service], 0.0)) is None


def _idle(name: str) -> list[dict[str, Any]]:
    """A Deployment without replicas behind a Service."""
    meta = {"namespace": "shop", "name": name}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": name, "image": "x"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": template}
    service = {"selector": {"app": name}, "ports": [{"port": 80}]}
    return [
        {"kind": "Deployment", "metadata": meta, "spec": spec, "status": {}},
        {"kind": "Service", "metadata": meta, "spec": service},
    ]


def _cause(name: str, confidence: float) -> RootCause:
    subject = Entity(kind="Deployment", namespace="shop", name=name)
    return RootCause(subject=subject, mechanism=Mechanism.SCALING_REPLICAS, confidence=confidence, summary="none")


@pytest.mark.parametrize(
    ("other", "confidence", "stands"), [("cart", 0.5, True), ("cart", 0.1, False), ("gone", 0.5, False)]
)
def test_only_a_cause_that_something_would_be_done_about_speaks_for_a_change(
    other: str, confidence: float, stands: bool
) -> None:
    own = _cause("web", 0.9)
    diagnosis = Diagnosis(fault=True, root_causes=(own, _cause(other, confidence)), summary="s")
    state = ClusterState([*_idle("web"), *_idle("cart")], ONSET)
    assert _another_stands(own, diagnosis, state) is stands


def test_a_cause_that_cannot_be_looked_for_is_not_gone() -> None:
    service = Entity(kind="Service", namespace="shop", name="cart")
    cause = RootCause(
        subject=service,
        mechanism=Mechanism.CONFIG_TARGET_PORT,
        confidence=0.9,
        summary="port",
        evidence=("cluster-state-1",),
    )
    nothing = ClusterState([], ONSET)
    gone, unseen = condition(cause, nothing), condition(cause, nothing, ["list_objects: Service: no answer"])
    assert gone is not None
    assert gone.outcome is Outcome.BETTER
    assert unseen is not None
    assert unseen.outcome is Outcome.UNCHANGED
    assert unseen.summary.endswith("list_objects: Service: no answer")


def test_what_is_ill_for_another_cause_is_not_broken_by_the_change() -> None:
    web, cart = (Entity(kind="Deployment", namespace="shop", name=name) for name in ("web", "cart"))
    mended = RootCause(subject=web, mechanism=Mechanism.CONFIG_TARGET_PORT, confidence=0.9, summary="s")
    lacking = [dict(one, spec={**one["spec"], "replicas": 1}) for one in _idle("cart")[:1]]
    state = ClusterState(lacking, ONSET)

    def outcome(confidence: float) -> Outcome:
        diagnosis = Diagnosis(fault=True, root_causes=(mended, _cause("cart", confidence)), summary="s")
        ill = ill_otherwise(mended, diagnosis, make_scope())
        return _nothing_broke(Baseline(at=ONSET), web, state, ill).outcome

    assert outcome(0.5) is Outcome.BETTER
    assert outcome(0.1) is Outcome.WORSE
    assert ill_otherwise(_cause("cart", 0.9), Diagnosis(fault=True, summary="s"), make_scope()) == frozenset()
    assert cart in ill_otherwise(
        mended, Diagnosis(fault=True, root_causes=(_cause("cart", 0.9),), summary="s"), make_scope()
    )


@pytest.mark.parametrize(
    ("worse", "evidence", "other", "anothers"),
    [
        (("users",), ("changes-1", "cluster-state-1"), 0.5, True),
        (("users", "workloads"), ("changes-1", "cluster-state-1"), 0.5, False),
        (("users",), ("cluster-state-1",), 0.5, False),
        (("users",), ("changes-1", "cluster-state-1"), 0.1, False),
    ],
)
def test_users_who_meet_another_cause_behind_the_one_that_was_cured(
    worse: tuple[str, ...], evidence: tuple[str, ...], other: float, anothers: bool
) -> None:
    mended = _cause("web", 0.9).model_copy(update={"evidence": evidence})
    diagnosis = Diagnosis(fault=True, root_causes=(mended, _cause("cart", other)), summary="s")
    gone = Check(name="root condition", outcome=Outcome.BETTER, summary="gone")
    checks = [gone, *(Check(name=name, outcome=Outcome.WORSE, summary="worse") for name in worse)]
    assert _is_anothers(checks, mended, gone, diagnosis) is anothers
    still = gone.model_copy(update={"outcome": Outcome.UNCHANGED})
    assert not _is_anothers(checks, mended, still, diagnosis)


@pytest.mark.parametrize(
    ("worse", "mechanism", "passes"),
    [
        (("users", "others"), Mechanism.QUEUE_POISON_MESSAGE, True),
        (("workloads",), Mechanism.QUEUE_POISON_MESSAGE, False),
        (("users",), Mechanism.APP_VERSION, False),
    ],
)
def test_work_that_waited_is_caught_up_with_before_users_are_judged(
    worse: tuple[str, ...], mechanism: Mechanism, passes: bool
) -> None:
    cause = _cause("web", 0.9).model_copy(update={"mechanism": mechanism})
    checks = [Check(name=name, outcome=Outcome.WORSE, summary="worse") for name in worse]
    assert _catches_up(checks, cause) is passes
    assert not _catches_up(checks, None)
