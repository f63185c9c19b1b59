"""Nodes that take pods again, rollouts taken back, bounds and budgets: what is proposed without a recorded change."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.agents.remedies.kit.registry import REMEDIES, RemedyCase
from aiops.agents.remedies.kit.undo_change import undo_changes
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.core.changes import Change, FieldChange
from aiops.core.clock import rfc3339
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Evidence, Query, Source, Window
from aiops.core.mechanism import Mechanism

NOW = 1_800_000_000.0
WINDOW = Window(start=0, end=1)
SCOPE = Scope(namespaces=("shop",), signals=(), onset=NOW, reported=NOW, window=WINDOW, baseline=WINDOW)
CART, NODE = Entity(kind="Deployment", namespace="shop", name="cart"), Entity(kind="Node", name="n1")
CLAIM = Entity(kind="PersistentVolumeClaim", namespace="shop", name="data")
SCALER = Entity(kind="HorizontalPodAutoscaler", namespace="shop", name="cart")
BUDGET = Entity(kind="PodDisruptionBudget", namespace="shop", name="cart")
RANGE = Entity(kind="LimitRange", namespace="shop", name="bounds")
MOUNTED = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}


def revision(number: int, spec: dict[str, Any]) -> dict[str, Any]:
    owner = {"kind": "Deployment", "name": "cart", "controller": True}
    meta = {
        "namespace": "shop",
        "name": f"cart-{number}",
        "ownerReferences": [owner],
        "annotations": {"deployment.kubernetes.io/revision": str(number)},
        "creationTimestamp": rfc3339(NOW - 1000 + number),
    }
    return {"kind": "ReplicaSet", "metadata": meta, "spec": {"template": {"spec": spec}}}


def workload(spec: dict[str, Any], replicas: int = 2) -> dict[str, Any]:
    meta = {"namespace": "shop", "name": "cart"}
    return {"kind": "Deployment", "metadata": meta, "spec": {"replicas": replicas, "template": {"spec": spec}}}


def item(entity: Entity, **rest: Any) -> dict[str, Any]:
    return {"kind": entity.kind, "metadata": {"namespace": entity.namespace, "name": entity.name}, **rest}


def case(
    mechanism: Mechanism, subject: Entity, objects: list[dict[str, Any]], field: str | None = None, *changes: Change
) -> RemedyCase:
    """The trouble was seen at the cart, 60 s after it was guessed to have begun."""
    cause = RootCause(subject=subject, mechanism=mechanism, field=field, confidence=0.9, summary="s", evidence=("e1",))
    seen = Evidence(
        id="e1",
        source=Source.KUBERNETES,
        subject=CART,
        query=Query(tool="get_object"),
        window=WINDOW,
        summary="s",
        observed="o",
        score=1.0,
        onset=NOW + 60,
    )
    state = ClusterState(objects, NOW)
    return RemedyCase(cause, SCOPE, state, changes, NOW, Toolbox(None, ()), (seen,))  # type: ignore[arg-type]  # nothing is read


async def proposed(made: RemedyCase) -> list[tuple[str, dict[str, Any]]]:
    assert made.cause.mechanism is not None
    found = await REMEDIES.get(made.cause.mechanism.value).propose(made)
    return [(one.tool, one.arguments) for one in found]


ROLLED = [workload({"nodeSelector": {"a": "b"}}), revision(1, {}), revision(2, {"nodeSelector": {"a": "b"}})]
BACK = [("rollout_undo", {"workload": str(CART)})]


@pytest.mark.parametrize(
    "mechanism",
    [
        Mechanism.ACCELERATOR_SHAPE,
        Mechanism.ADMISSION_POD_SECURITY,
        Mechanism.RESOURCE_SHARED_MEMORY,
        Mechanism.SCHEDULING_ANTI_AFFINITY,
        Mechanism.SCHEDULING_HOST_PORT,
        Mechanism.SCHEDULING_REQUEST,
        Mechanism.SCHEDULING_TAINT,
        Mechanism.STORAGE_ACCESS_MODE,
    ],
)
async def test_a_workload_that_asks_for_what_there_is_not_goes_back(mechanism: Mechanism) -> None:
    assert await proposed(case(mechanism, CART, ROLLED)) == BACK
    assert await proposed(case(mechanism, CART, ROLLED[:1])) == [], "nothing was rolled out lately"


async def test_a_node_is_opened() -> None:
    found = await proposed(case(Mechanism.SCHEDULING_CORDON, NODE, [], "spec.unschedulable"))
    assert found == [("set_node", {"node": "Node//n1", "unschedulable": False})]
    found = await proposed(case(Mechanism.SCHEDULING_TAINT, NODE, [], "spec.taints[team]"))
    assert found == [("set_node", {"node": "Node//n1", "remove_taint": "team"})]
    assert await proposed(case(Mechanism.SCHEDULING_TAINT, NODE, [], "spec")) == []


async def test_a_rollout_that_brought_a_claim_goes_back_and_another_stays() -> None:
    brought = [workload(MOUNTED), revision(1, {}), revision(2, MOUNTED)]
    assert await proposed(case(Mechanism.STORAGE_CLAIM, CLAIM, brought)) == BACK
    changed = {**MOUNTED, "priorityClassName": "x"}
    had = [workload(changed), revision(1, MOUNTED), revision(2, changed)]
    assert await proposed(case(Mechanism.STORAGE_CLASS, CLAIM, had)) == []


async def test_an_autoscaler_may_ask_for_more() -> None:
    objects = [item(SCALER, spec={"maxReplicas": 3})]
    found = await proposed(case(Mechanism.SCALING_BOUNDS, SCALER, objects, "spec.maxReplicas"))
    assert found == [("set_autoscaler", {"autoscaler": str(SCALER), "max_replicas": 6})]
    assert await proposed(case(Mechanism.SCALING_BOUNDS, SCALER, objects, "spec.behavior.scaleUp")) == []
    assert await proposed(case(Mechanism.SCALING_BOUNDS, SCALER, [], "spec.maxReplicas")) == []


async def test_a_budget_gets_one_replica_more_where_that_is_of_use() -> None:
    asked = case(Mechanism.SCHEDULING_DISRUPTION_BUDGET, BUDGET, [workload({})], "spec.minAvailable")
    assert await proposed(asked) == [("scale", {"workload": str(CART), "replicas": 3})]
    none_missing = case(Mechanism.SCHEDULING_DISRUPTION_BUDGET, BUDGET, [workload({})], "spec.maxUnavailable")
    assert await proposed(none_missing) == []
    target = {"scaleTargetRef": {"kind": "Deployment", "name": "cart"}}
    scaled = [workload({}), item(SCALER, spec=target)]
    assert await proposed(case(Mechanism.SCHEDULING_DISRUPTION_BUDGET, BUDGET, scaled, "spec.minAvailable")) == []


def updated(entity: Entity, *fields: tuple[str, Any, Any]) -> Change:
    made = tuple(FieldChange(path=path, old=old, new=new) for path, old, new in fields)
    return Change(at=NOW - 60, entity=entity, verb="updated", actor="ann", fields=made)


def undone(made: RemedyCase) -> list[tuple[str, dict[str, Any]]]:
    return [(one.tool, one.arguments) for one in undo_changes(made)]


def test_what_belongs_together_is_put_back_together() -> None:
    box = "spec.template.spec.containers[cart]"
    fields = (
        (f"{box}.resources.limits.cpu", "1", "9"),
        (f"{box}.resources.requests.cpu", "1", "9"),
        ("spec.replicas", 1, 2),
    )
    found = undone(case(Mechanism.SCHEDULING_REQUEST, CART, [workload({})], fields[1][0], updated(CART, *fields)))
    paths = [path for path, *_ in fields]
    assert [(tool, arguments["paths"]) for tool, arguments in found] == [
        ("restore_fields", paths[:2]),
        ("restore_fields", paths),
    ]
    volumes = (("spec.template.spec.volumes", None, [{}]), (f"{box}.volumeMounts", None, [{}]))
    found = undone(case(Mechanism.STORAGE_CLAIM, CART, [workload({})], volumes[0][0], updated(CART, *volumes)))
    assert [arguments["paths"] for _, arguments in found] == [[path for path, *_ in volumes]]
    bounds = (("spec.maxReplicas", 6, 1), ("spec.minReplicas", 3, 1))
    scaler = [item(SCALER, spec={"maxReplicas": 1, "minReplicas": 1})]
    found = undone(case(Mechanism.SCALING_BOUNDS, SCALER, scaler, "spec.maxReplicas", updated(SCALER, *bounds)))
    assert [arguments["paths"] for _, arguments in found] == [["spec.maxReplicas", "spec.minReplicas"]]


def test_a_service_is_made_itself_again_without_the_address_that_the_cluster_gives() -> None:
    service = Entity(kind="Service", namespace=CART.namespace, name=CART.name)
    fields = (
        ("spec.clusterIP", "10.0.0.1", None),
        ("spec.externalName", None, "elsewhere.example.com"),
        ("spec.internalTrafficPolicy", "Cluster", None),
        ("spec.type", "ClusterIP", "ExternalName"),
    )
    made = case(Mechanism.DNS_WRONG_ANSWER, service, [item(service)], "spec.externalName", updated(service, *fields))
    assert [(tool, arguments["paths"]) for tool, arguments in undone(made)] == [
        ("restore_fields", ["spec.externalName", "spec.internalTrafficPolicy", "spec.type"])
    ]


@pytest.mark.parametrize(("at", "known"), [(NOW - 60, True), (NOW + 60, True), (NOW + 600, False)])
def test_what_was_created_before_the_trouble_goes_again(at: float, known: bool) -> None:
    """Objects tell that it began 60 s later than was guessed."""
    made = Change(at=at, entity=BUDGET, verb="created", actor="ann")
    found = undone(case(Mechanism.SCHEDULING_DISRUPTION_BUDGET, BUDGET, [item(BUDGET, spec={})], "spec", made))
    assert found == ([("remove_created", {"entity": str(BUDGET), "created_at": at})] if known else [])
    assert undone(case(Mechanism.SCHEDULING_DISRUPTION_BUDGET, BUDGET, [], "spec", made)) == [], "it is gone"


def test_pods_that_a_limit_range_shaped_are_made_again() -> None:
    template = {"containers": [{"name": "cart"}]}
    given = copy.deepcopy(template)
    given["containers"][0] |= {"resources": {"limits": {"memory": "32Mi"}}}  # type: ignore[operator]
    meta = {"namespace": "shop", "name": "p"}
    owner = {"kind": "ReplicaSet", "name": "cart-1", "controller": True}
    pod = {"kind": "Pod", "metadata": {**meta, "ownerReferences": [owner]}, "spec": given, "status": {}}
    limit = {"type": "Container", "default": {"memory": "32Mi"}}
    objects = [workload(template), revision(1, template), pod, item(RANGE, spec={"limits": [limit]})]
    made = Change(at=NOW - 60, entity=RANGE, verb="created", actor="ann")
    found = undone(case(Mechanism.RESOURCE_LIMIT_RANGE, RANGE, objects, "spec.limits[Container].default", made))
    expected = {"entity": str(RANGE), "created_at": NOW - 60, "restart": [str(CART)]}
    assert found == [("remove_created", expected)]
