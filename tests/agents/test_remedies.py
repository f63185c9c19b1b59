"""What is proposed for a cause: what was there before where it is known, else what the remedy computes."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from aiops.agents.remedies.kit.registry import REMEDIES, RemedyCase
from aiops.agents.remedies.kit.undo_change import undo_changes
from aiops.agents.remedies.policy_repair import blocked_edges, repair
from aiops.agents.remedies.remediation import identity, named_in
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.changes.suspicion import LOOK_BACK
from aiops.analysis.state.cluster import ClusterState, ObservedCall
from aiops.core.action import Proposal
from aiops.core.changes import Change, FieldChange
from aiops.core.clock import rfc3339
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Edge, Entity
from aiops.core.evidence import Evidence, Hypothesis, Query, Source, Window
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism

WINDOW = Window(start=0, end=1)
STILL = object()
SCOPE = Scope(namespaces=("shop",), signals=(), onset=1000, reported=1100, window=WINDOW, baseline=WINDOW)
SHOP = {"namespace": "shop"}
KINDS = ("Deployment", "ReplicaSet", "Service", "NetworkPolicy")


def entity(kind: str, name: str) -> Entity:
    return Entity(kind=kind, namespace="shop", name=name)


CONFIG, INGRESS, SCALER = (
    entity("ConfigMap", "settings"),
    entity("Ingress", "in"),
    entity("HorizontalPodAutoscaler", "h"),
)
QUOTA = entity("ResourceQuota", "room")
FORMER, HARD = {"changed_at": 900.0}, "spec.hard.pods"
CART, SERVICE, POLICY = entity("Deployment", "cart"), entity("Service", "cart"), entity("NetworkPolicy", "p")


def deployment(name: str, port: int, env: list[dict[str, str]] | None = None) -> dict[str, Any]:
    container = {
        "name": name,
        "image": f"{name}:2",
        "env": env or [],
        "ports": [{"name": "http", "containerPort": port}],
        "resources": {"limits": {"memory": "64Mi", "cpu": "100m"}},
    }
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"kind": "Deployment", "metadata": {**SHOP, "name": name}, "spec": spec}


def objects() -> list[dict[str, Any]]:
    earlier = copy.deepcopy(deployment("cart", 8081)["spec"]["template"])
    earlier["spec"]["containers"][0]["image"] = "cart:1"
    owner = {"kind": "Deployment", "name": "cart", "controller": True}
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    return [
        deployment("web", 8080, [{"name": "CART", "value": "cart:80"}]),
        deployment("cart", 8081),
        deployment("stock", 8082),
        {
            "kind": "ReplicaSet",
            "metadata": {**SHOP, "name": "cart-1", "ownerReferences": [owner]},
            "spec": {"template": earlier},
        },
        {
            "kind": "Service",
            "metadata": {**SHOP, "name": "cart"},
            "spec": {"selector": {"app": "kart"}, "ports": ports},
        },
    ]


def case(
    mechanism: Mechanism,
    subject: Entity = CART,
    field: str | None = None,
    wanted: Any = None,
    *changes: Change,
    more: list[dict[str, Any]] | None = None,
) -> RemedyCase:
    cause = RootCause(
        subject=subject, mechanism=mechanism, field=field, wanted=wanted, confidence=0.9, summary="s", evidence=("e1",)
    )
    state = ClusterState([*objects(), *(more or [])], now=2000.0)
    return RemedyCase(cause, SCOPE, state, changes, ONSET, Toolbox(None, ()))  # type: ignore[arg-type]  # nothing is read


def change(subject: Entity, path: str, old: Any, new: Any = STILL, at: float = 900.0) -> Change:
    """A change that is still in place, unless `new` says what it wrote."""
    if new is STILL:
        live = next((o for o in objects() if Entity.of(o) == subject), {})
        new = read(live, path)
    return Change(
        at=at, entity=subject, verb="updated", actor="ann", fields=(FieldChange(path=path, old=old, new=new),)
    )


def call(proposal: Proposal) -> tuple[str, dict[str, Any]]:
    return proposal.tool, proposal.arguments


ONSET = 1000.0
BOX = "spec.template.spec.containers[cart]"
TEXT = "Deployment/shop/cart"


@pytest.mark.parametrize(
    ("subject", "path", "old", "tool", "arguments"),
    [
        (CART, f"{BOX}.image", "cart:1", "set_image", {"workload": TEXT, "container": "cart", "image": "cart:1"}),
        (
            CART,
            f"{BOX}.env[URL].value",
            "u",
            "set_env",
            {"workload": TEXT, "container": "cart", "name": "URL", "value": "u"},
        ),
        (
            CART,
            f"{BOX}.resources.limits.memory",
            "256Mi",
            "set_resources",
            {"workload": TEXT, "container": "cart", "limits": {"memory": "256Mi"}},
        ),
        (CART, "spec.replicas", 3, "scale", {"workload": TEXT, "replicas": 3}),
        (
            CART,
            f"{BOX}.readinessProbe.exec",
            ["ls"],
            "restore_fields",
            {**FORMER, "entity": TEXT, "paths": [f"{BOX}.readinessProbe.exec"]},
        ),
        (QUOTA, HARD, "40", "restore_fields", {**FORMER, "entity": str(QUOTA), "paths": [HARD]}),
        (
            CART,
            f"{BOX}.readinessProbe.httpGet.path",
            "/ready",
            "set_probe",
            {"workload": TEXT, "container": "cart", "probe": "readinessProbe", "path": "/ready"},
        ),
        (CART, "spec.template.spec.nodeSelector.disk", None, "set_node_selector", {"workload": TEXT, "selector": {}}),
        (
            CONFIG,
            "data[a.b]",
            "1",
            "set_config_key",
            {"config_map": "ConfigMap/shop/settings", "key": "a.b", "value": "1", "restart": True},
        ),
        (
            INGRESS,
            "spec.tls[0].secretName",
            "old",
            "set_ingress_tls",
            {"ingress": "Ingress/shop/in", "hosts": ["h"], "secret": "old"},
        ),
        (SCALER, "spec.minReplicas", 3, "set_autoscaler", {"autoscaler": str(SCALER), "min_replicas": 3}),
        (
            SERVICE,
            "spec.ports[http].targetPort",
            8081,
            "patch_service",
            {"service": "Service/shop/cart", "path": "spec.ports[http].targetPort", "value": 8081},
        ),
        (
            SERVICE,
            "spec.selector.app",
            "cart",
            "patch_service",
            {"service": "Service/shop/cart", "path": "spec.selector.app", "value": "cart"},
        ),
    ],
)
def test_the_changed_field_is_put_back(
    subject: Entity, path: str, old: Any, tool: str, arguments: dict[str, Any]
) -> None:
    tls = {"kind": "Ingress", "metadata": {**SHOP, "name": "in"}, "spec": {"tls": [{"hosts": ["h"]}]}}
    made = change(subject, path, old)
    found = undo_changes(case(Mechanism.CONFIG_ENV_VALUE, subject, path, None, made, more=[tls]))
    assert call(found[0]) == (tool, arguments)
    assert found[0].evidence == ("e1",)
    assert "ann" in found[0].reason


def test_only_the_last_change_of_the_blamed_field_is_put_back() -> None:
    path = f"{BOX}.image"
    changes = (
        change(CART, "spec.replicas", 5, at=950.0),
        change(CART, path, "cart:1", at=900.0),
        change(CART, path, "cart:0", at=100.0),
        change(entity("Deployment", "web"), path, "web:0", at=980.0),
    )
    found = undo_changes(case(Mechanism.APP_VERSION, CART, path, None, *changes))
    assert [p.arguments.get("image") for p in found] == ["cart:1", None]
    assert [p.tool for p in found] == ["set_image", "rollout_undo"]


def test_what_was_changed_to_one_end_is_put_back_together() -> None:
    probe = f"{BOX}.livenessProbe"
    made = change(CART, f"{probe}.failureThreshold", 3, 1)
    others = [
        FieldChange(path=f"{probe}.initialDelaySeconds", old=30, new=1),
        FieldChange(path="metadata.labels.team", old="a", new="b"),
    ]
    made = made.model_copy(update={"fields": (*made.fields, *others)})
    found = undo_changes(case(Mechanism.CONFIG_PROBE, CART, f"{probe}.failureThreshold", None, made))
    assert found[0].tool == "restore_fields"
    assert found[0].arguments["paths"] == [f"{probe}.failureThreshold", f"{probe}.initialDelaySeconds"]


def test_a_repair_after_the_trouble_began_is_not_undone() -> None:
    path = f"{BOX}.resources.limits.memory"
    repaired = change(CART, path, "84Mi", "160Mi", at=ONSET + 600)
    broken = change(CART, path, "192Mi", "84Mi", at=ONSET - 60)
    (found,) = undo_changes(case(Mechanism.RESOURCE_MEMORY_LIMIT, CART, path, None, repaired, broken))
    assert call(found) == ("set_resources", {"workload": TEXT, "container": "cart", "limits": {"memory": "192Mi"}})


async def test_another_entry_for_the_host_has_another_certificate() -> None:
    tls = [{"hosts": ["h"], "secretName": "old"}, {"hosts": ["h"], "secretName": "good"}]
    live = {"kind": "Ingress", "metadata": {**SHOP, "name": "in"}, "spec": {"tls": tls}}
    made = case(Mechanism.TLS_CERTIFICATE_EXPIRED, INGRESS, "spec.tls[0].secretName", more=[live])
    (found,) = await REMEDIES.get("tls.certificate_expired").propose(made)
    assert call(found) == ("set_ingress_tls", {"ingress": str(INGRESS), "hosts": ["h"], "secret": "good"})
    alone = case(Mechanism.TLS_CERTIFICATE_EXPIRED, INGRESS, "spec.tls[1].secretName", more=[live | {"spec": {}}])
    assert await REMEDIES.get("tls.certificate_expired").propose(alone) == []


def test_a_host_whose_entries_were_replaced_gets_its_certificate_back() -> None:
    now = [{"hosts": ["h"], "secretName": "old"}, {"hosts": ["h"], "secretName": "good"}]
    live = {"kind": "Ingress", "metadata": {**SHOP, "name": "in"}, "spec": {"tls": now}}
    made = change(INGRESS, "spec.tls", [now[1]], now)
    (found,) = undo_changes(case(Mechanism.TLS_CERTIFICATE_EXPIRED, INGRESS, "spec.tls", None, made, more=[live]))
    assert call(found) == ("set_ingress_tls", {"ingress": str(INGRESS), "hosts": ["h"], "secret": "good"})


def test_every_host_of_an_entry_gets_its_certificate_back() -> None:
    now = [{"hosts": ["a", "b"], "secretName": "bad"}]
    live = {"kind": "Ingress", "metadata": {**SHOP, "name": "in"}, "spec": {"tls": now}}
    made = change(INGRESS, "spec.tls[0].secretName", "good", "bad")
    found = undo_changes(case(Mechanism.TLS_CERTIFICATE_EXPIRED, INGRESS, "spec.tls", None, made, more=[live]))
    assert [p.arguments["hosts"] for p in found] == [["a", "b"]]


def test_a_hidden_value_is_put_back_with_its_whole_revision() -> None:
    path = f"{BOX}.env[DB_PASSWORD].value"
    found = undo_changes(case(Mechanism.CONFIG_ENV_VALUE, CART, path, None, change(CART, path, "[redacted]")))
    assert [p.tool for p in found] == ["rollout_undo"]


def test_a_policy_gets_back_what_this_change_took() -> None:
    now = {"podSelector": {}, "ingress": [{"ports": [{"port": 1}]}]}
    live = {"kind": "NetworkPolicy", "metadata": {**SHOP, "name": "p"}, "spec": now}
    before = [{"ports": [{"port": 1}]}, {"ports": [{"port": 2}]}]
    made = change(POLICY, "spec.ingress", before, now["ingress"])
    found = undo_changes(case(Mechanism.NETWORK_POLICY, POLICY, "spec.ingress", None, made, more=[live]))
    assert call(found[0]) == ("edit_network_policy", {"policy": str(POLICY), "spec": {**now, "ingress": before}})


def test_what_was_deleted_is_created_again_unless_it_is_back() -> None:
    gone = entity("Service", "gone")
    made = Change(at=900.0, entity=gone, verb="deleted")
    (found,) = undo_changes(case(Mechanism.CONFIG_SERVICE_MISSING, gone, None, None, made))
    assert call(found) == ("recreate_object", {"entity": str(gone), "deleted_at": 900.0})
    back = {"kind": "Service", "metadata": {**SHOP, "name": "gone"}, "spec": {}}
    assert undo_changes(case(Mechanism.CONFIG_SERVICE_MISSING, gone, None, None, made, more=[back])) == []
    secret = entity("Secret", "gone")
    lost = Change(at=900.0, entity=secret, verb="deleted")
    assert undo_changes(case(Mechanism.CONFIG_MISSING_KEY, secret, None, None, lost)) == []


def test_without_a_change_nothing_is_put_back() -> None:
    assert undo_changes(case(Mechanism.APP_VERSION, CART, f"{BOX}.image")) == []


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            case(Mechanism.CONFIG_TARGET_PORT, SERVICE, "spec.ports[http].targetPort", 8081),
            [("patch_service", {"service": str(SERVICE), "path": "spec.ports[http].targetPort", "value": 8081})],
        ),
        (case(Mechanism.CONFIG_TARGET_PORT, SERVICE, "spec.ports[http].targetPort"), []),
        (
            case(Mechanism.CONFIG_SELECTOR, SERVICE, "spec.selector", {"app": "cart"}),
            [("patch_service", {"service": str(SERVICE), "path": "spec.selector.app", "value": "cart"})],
        ),
        (
            case(Mechanism.IMAGE_UNAVAILABLE, CART, f"{BOX}.image", "cart:1"),
            [
                ("set_image", {"workload": TEXT, "container": "cart", "image": "cart:1"}),
                ("rollout_undo", {"workload": TEXT}),
            ],
        ),
        (case(Mechanism.APP_VERSION, CART), []),  # its revision before is of nobody knows when
        (
            case(Mechanism.APP_VERSION, CART, f"{BOX}.image", None, change(CART, f"{BOX}.image", "cart:1")),
            [("rollout_undo", {"workload": TEXT})],
        ),
        (
            case(Mechanism.RESOURCE_MEMORY_LIMIT, CART, f"{BOX}.resources.limits.memory", "256Mi"),
            [("set_resources", {"workload": TEXT, "container": "cart", "limits": {"memory": "256Mi"}})],
        ),
        (
            case(Mechanism.RESOURCE_CPU_LIMIT, CART),
            [("set_resources", {"workload": TEXT, "container": "cart", "limits": {"cpu": "200m"}})],
        ),
        (
            case(Mechanism.SCALING_REPLICAS, CART, "spec.replicas", 2),
            [("scale", {"workload": TEXT, "replicas": 2})],
        ),
        (case(Mechanism.SCALING_REPLICAS, CART, "spec.replicas", 0), []),
        (
            case(Mechanism.CONFIG_ENV_VALUE, CART, f"{BOX}.env[URL].value", "web:80"),
            [("set_env", {"workload": TEXT, "container": "cart", "name": "URL", "value": "web:80"})],
        ),
        (case(Mechanism.CONFIG_PROBE, CART), [("rollout_undo", {"workload": TEXT})]),
        (case(Mechanism.CONFIG_PROBE, entity("Deployment", "web")), []),
    ],
)
async def test_a_remedy_computes_what_the_cluster_implies(
    made: RemedyCase, expected: list[tuple[str, dict[str, Any]]]
) -> None:
    assert made.cause.mechanism is not None
    assert [call(p) for p in await REMEDIES.get(made.cause.mechanism.value).propose(made)] == expected


def _fenced() -> list[dict[str, Any]]:
    rule = {"from": [{"podSelector": {"matchLabels": {"app": "stock"}}}], "ports": [{"port": 8081}]}
    spec = {"podSelector": {"matchLabels": {"app": "cart"}}, "ingress": [rule]}
    service = {
        "kind": "Service",
        "metadata": {**SHOP, "name": "cart"},
        "spec": {"selector": {"app": "cart"}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    }
    return [{"kind": "NetworkPolicy", "metadata": {**SHOP, "name": "p"}, "spec": spec}, service]


async def test_a_policy_is_widened_by_the_blocked_call_only() -> None:
    created = Change(at=900.0, entity=POLICY, verb="created", actor="ann")
    made = case(Mechanism.NETWORK_POLICY, POLICY, "spec.ingress", None, created, more=_fenced())
    edges = blocked_edges(made.state, POLICY)
    assert [(str(e.source), str(e.target), e.port) for e in edges] == [("Deployment/shop/web", TEXT, 8081)]
    edit = repair(made.state, edges[0])
    assert edit is not None
    assert edit.what == "one more peer"
    found = await REMEDIES.get("network.policy").propose(made)
    assert [p.tool for p in found] == ["edit_network_policy"]
    peers = found[0].arguments["spec"]["ingress"][0]["from"]
    assert [p["podSelector"]["matchLabels"]["app"] for p in peers] == ["stock", "web"]


@pytest.mark.parametrize("made_at", [None, 900.0 - LOOK_BACK, ONSET + 600])
async def test_a_policy_that_forbade_the_call_for_long_is_not_widened(made_at: float | None) -> None:
    fence, service = _fenced()
    fence["metadata"] |= {} if made_at is None else {"creationTimestamp": rfc3339(made_at)}
    made = case(Mechanism.NETWORK_POLICY, POLICY, "spec.ingress", None, more=[fence, service])
    assert blocked_edges(made.state, POLICY)
    assert await REMEDIES.get("network.policy").propose(made) == []


async def test_without_a_recorder_the_age_of_a_policy_counts() -> None:
    fence, service = _fenced()
    fence["metadata"] |= {"creationTimestamp": rfc3339(ONSET - 60)}
    made = case(Mechanism.NETWORK_POLICY, POLICY, "spec.ingress", None, more=[fence, service])
    assert [p.tool for p in await REMEDIES.get("network.policy").propose(made)] == ["edit_network_policy"]


async def test_a_call_that_something_else_forbade_as_well_stays_forbidden() -> None:
    fence, service = _fenced()
    other = copy.deepcopy(fence) | {"metadata": {**SHOP, "name": "older"}}
    made = case(
        Mechanism.NETWORK_POLICY,
        POLICY,
        "spec.ingress",
        None,
        Change(at=900.0, entity=POLICY, verb="created"),
        more=[fence, other, service],
    )
    assert await REMEDIES.get("network.policy").propose(made) == []


async def test_a_call_that_is_only_tried_is_not_let_through() -> None:
    """A stranger in a pod tries what nothing is configured to call and what never worked."""
    fence, service = _fenced()
    created = Change(at=900.0, entity=POLICY, verb="created")
    made = case(Mechanism.NETWORK_POLICY, POLICY, "spec.ingress", None, created, more=[fence, service])
    web = entity("Deployment", "web")
    caller = made.state.find(web.kind, web.namespace, web.name) or {}
    caller["spec"]["template"]["spec"]["containers"][0]["env"] = []
    tried = ObservedCall(web, "cart", 80, 1.0, "timeout")
    for calls, expected in (([tried], []), ([replace(tried, worked=True)], ["edit_network_policy"])):
        state = ClusterState([o for kind in KINDS for o in made.state.of(kind)], now=2000.0, calls=calls)
        found = await REMEDIES.get("network.policy").propose(replace(made, state=state))
        assert [p.tool for p in found] == expected


async def test_another_policy_is_not_touched() -> None:
    made = case(Mechanism.NETWORK_POLICY, entity("NetworkPolicy", "other"), "spec.ingress", None, more=_fenced())
    assert await REMEDIES.get("network.policy").propose(made) == []


def test_only_what_evidence_names_may_be_changed() -> None:
    guess = Hypothesis(subject=POLICY, mechanism=Mechanism.NETWORK_POLICY, strength=0.5)
    item = Evidence(
        id="e",
        source=Source.KUBERNETES,
        subject=Edge(source=CART, target=entity("Deployment", "stock")),
        query=Query(tool="get_object"),
        window=WINDOW,
        summary="s",
        observed="o",
        score=1.0,
        suggests=(guess,),
    )
    assert named_in([item]) == {CART, entity("Deployment", "stock"), POLICY}


def test_proposals_are_told_apart_by_their_call() -> None:
    one = case(Mechanism.SCALING_REPLICAS).cause

    def proposal(replicas: int, reason: str) -> Proposal:
        return Proposal(
            tool="scale",
            arguments={"replicas": replicas},
            target=CART,
            mechanism=one.mechanism,
            reason=reason,
            expected_effect="",
            evidence=(),
        )

    assert identity(proposal(1, "a")) == identity(proposal(1, "b"))
    assert identity(proposal(1, "a")) != identity(proposal(2, "a"))
