"""Workloads, pods, events, raw objects, changes, rights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiops.clients.kinds import RESOURCES
from aiops.core.action import AccessRule
from aiops.core.changes import Change, FieldChange
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.tools.get_object import get_object
from aiops.tools.kit.access import WRITES, changer_role, cluster_changer_role, cluster_role, reader_role
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import TOOLS
from aiops.tools.kit.rights import GIVEN_BACK
from aiops.tools.kit.topology import reached, read_topology, workload_named
from aiops.tools.list_objects import list_objects
from aiops.tools.list_workloads import list_workloads
from aiops.tools.pods_and_events import pods_and_events
from aiops.tools.recent_changes import recent_changes
from aiops.tools.recreate_grant import KINDS as GRANTS
from aiops.tools.recreate_object import KINDS
from aiops.tools.remove_created import KINDS as REMOVED

GEO = Entity(kind="Deployment", namespace="hotel", name="geo")


def image(name):
    return {"spec": {"template": {"spec": {"containers": [{"name": "geo", "image": name}]}}}}


async def test_workloads_and_their_problems(lab):
    before = {item.entity: item for item in (await list_workloads(lab.ctx)).workloads}
    geo = before[GEO]
    assert (geo.desired, geo.ready, geo.updated, geo.observed, geo.problems) == (2, 2, 2, True, ())
    assert len(geo.pods) == 2
    await lab.other().patch(GEO, image("registry.example.com/hotel/geo:0.0.0-missing"), "strategic")
    lab.run(60)
    (geo,) = [item for item in (await list_workloads(lab.ctx, "hotel")).workloads if item.entity == GEO]
    assert geo.updated < geo.desired or geo.problems
    assert any("ErrImagePull" in problem or "ImagePullBackOff" in problem for problem in geo.problems)
    found = await pods_and_events(lab.ctx, workload=GEO)
    assert {pod.workload for pod in found.pods} == {GEO}
    assert any(event.type == "Warning" and event.entity.kind == "Pod" for event in found.events)
    assert [event.last_at for event in found.events] == sorted((e.last_at for e in found.events), reverse=True)
    assert (await pods_and_events(lab.ctx, workload=GEO, since_seconds=0.001)).events == ()


async def test_events_of_a_workload_whose_name_goes_on_are_another_ones(lab):
    moment = rfc3339(lab.ctx.clock.now())
    for pod in ("geo-5d4f9c7b8d-x2x4z", "geo-cache-5d4f9c7b8d-x2x4z"):
        about = {"kind": "Pod", "namespace": "hotel", "name": pod}
        event = {"apiVersion": "v1", "kind": "Event", "metadata": {"name": pod, "namespace": "hotel"}}
        await lab.other().create({**event, "involvedObject": about, "reason": "Odd", "lastTimestamp": moment})
    found = await pods_and_events(lab.ctx, workload=GEO)
    assert [event.entity.name for event in found.events if event.reason == "Odd"] == ["geo-5d4f9c7b8d-x2x4z"]


async def test_nothing_is_said_to_be_nothing(lab):
    gone = Entity(kind="Deployment", namespace="hotel", name="gone")
    assert (await pods_and_events(lab.ctx, workload=gone)).no_data == f"there is no pod of {gone}"
    empty = replace(lab.ctx, namespaces=("default",))
    assert "no workload" in (await list_workloads(empty)).no_data
    assert "there is no NetworkPolicy" in (await list_objects(empty, "NetworkPolicy")).no_data
    found = await get_object(lab.ctx, gone)
    assert found.manifest is None
    assert "gone" in found.no_data


async def test_raw_objects_page_by_page(lab):
    names, start = [], 0
    while start is not None:
        page = await list_objects(lab.ctx, "Deployment", "hotel", start=start, limit=7)
        names += [item["metadata"]["name"] for item in page.objects]
        assert len(page.objects) <= 7
        start = page.next
    assert sorted(names) == names
    assert len(names) == len(set(names)) > 7
    assert all("managedFields" not in item["metadata"] for item in page.objects)
    (geo,) = (await list_objects(lab.ctx, "Service", labels="app=geo")).objects
    assert geo["metadata"]["name"] == "geo"


async def test_cluster_wide_objects_come_once(lab):
    found = await list_objects(lab.ctx, "Node")
    names = [item["metadata"]["name"] for item in found.objects]
    assert len(names) == len(set(names)) > 1


async def test_secrets_are_hidden(lab):
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "x", "namespace": "hotel"},
        "data": {"password": "aHVudGVyMg=="},
    }
    await lab.other().create(secret)
    for result in (
        await get_object(lab.ctx, Entity(kind="Secret", namespace="hotel", name="x")),
        await list_objects(lab.ctx, "Secret", "hotel"),
    ):
        assert "aHVudGVyMg" not in result.model_dump_json()


class History:
    """A change history with one change."""

    def __init__(self, *problems: str) -> None:
        self.asked: list[Any] = []
        self._problems = problems

    async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        self.asked.append((start, end, namespaces))
        return [Change(at=start, entity=GEO, verb="updated", fields=(FieldChange(path="spec.replicas", old=1, new=2),))]

    async def version_before(self, entity: Entity, moment: float) -> None:
        return None

    async def watched_since(self) -> float:
        return 100.0

    def problems(self) -> tuple[str, ...]:
        return self._problems


def with_history(lab, *problems) -> tuple[History, Context]:
    history = History(*problems)
    return history, replace(lab.ctx, changes=history)


async def test_changes_of_the_namespaces_in_scope_and_of_the_cluster(lab):
    history, ctx = with_history(lab)
    found = await recent_changes(ctx, Window(start=200, end=300))
    assert len(found.changes) == 1
    assert found.no_data is None
    await recent_changes(ctx, Window(start=200, end=300), "hotel")
    await recent_changes(replace(ctx, namespaces=()), Window(start=200, end=300))
    assert [asked[2] for asked in history.asked] == [
        ("hotel", "ingress-nginx", "", "kube-system"),
        ("hotel", "", "kube-system"),
        (),
    ]


async def test_an_incomplete_history_is_said(lab):
    _, ctx = with_history(lab, "Pods cannot be watched")
    found = await recent_changes(ctx, Window(start=50, end=300))
    assert found.no_data == "changes before 1970-01-01T00:01:40Z were not recorded; Pods cannot be watched"


async def test_pods_that_are_gone_are_told_by_their_names(lab):
    state = await read_topology(lab.ctx)
    assert workload_named(state, "hotel", "geo-5d4f9c7b8d-x2x4z") == GEO
    assert workload_named(state, "hotel", "mongodb-geo-5d4f9c7b8d-zzzzz").name == "mongodb-geo"
    assert workload_named(state, "hotel", "geography-5d4f9c7b8d-x2x4z") is None
    assert workload_named(state, "other", "geo-5d4f9c7b8d-x2x4z") is None


async def test_addresses_are_services(lab):
    state = await read_topology(lab.ctx)
    service = Entity(kind="Service", namespace="hotel", name="geo")
    for address in ("geo", "geo.hotel", "geo.hotel.svc", "geo.hotel.svc.cluster.local."):
        assert Entity.of(state.service_of_host(address, "hotel")) == service
    ip = state.find("Service", "hotel", "geo")["spec"]["clusterIP"]
    assert Entity.of(state.service_of_host(ip, "ingress-nginx")) == service
    assert state.service_of_host("geo", "ingress-nginx") is None
    assert state.service_of_host("api.example.com", "hotel") is None
    assert state.service_of_host("", "hotel") is None
    assert reached(state, service) == (GEO,)


def granted(role):
    return {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_roles_hold_the_least_rights():
    reader, changer = granted(reader_role()), granted(changer_role()) | granted(cluster_changer_role())
    assert ("", "pods/log", "get") in reader
    asks = ("authorization.k8s.io", "subjectaccessreviews", "create")
    assert {verb for _, _, verb in reader - {asks}} == {"get", "list", "watch"}, "a review stores nothing"
    assert ("apps", "deployments", "watch") in reader
    assert not {"pods", "events", "replicasets"} & {resource for _, resource, verb in reader if verb == "watch"}
    assert not any(resource == "secrets" or "*" in resource for _, resource, _ in reader | changer)
    given = {(rule.group, f"{rule.resource}/{rule.subresource}".rstrip("/"), rule.verb) for rule in GIVEN_BACK}
    assert given <= changer, "Kubernetes lets nobody grant what he lacks"
    used = {(rule.group, rule.resource, rule.verb) for tool in TOOLS if tool.effect == "changes" for rule in tool.needs}
    assert changer == used | given
    assert {resource for _, resource, verb in used if verb == "patch"} == {
        "configmaps",
        "cronjobs",
        "daemonsets",
        "deployments",
        "horizontalpodautoscalers",
        "ingresses",
        "jobs",
        "limitranges",
        "mutatingwebhookconfigurations",
        "namespaces",
        "networkpolicies",
        "nodes",
        "poddisruptionbudgets",
        "resourcequotas",
        "rolebindings",
        "roles",
        "services",
        "statefulsets",
        "storageclasses",
        "validatingwebhookconfigurations",
    }
    wide = {resource for _, resource, _ in granted(cluster_changer_role())}
    assert not wide & {resource for _, resource, verb in granted(changer_role()) if verb in WRITES}
    assert {verb for _, _, verb in used} == {"create", "delete", "get", "list", "patch"}
    recreated = {RESOURCES[kind].plural for kind in (*KINDS, *GRANTS, *REMOVED)}
    assert {resource for _, resource, verb in changer if verb == "delete"} == recreated
    wide = {verb for _, resource, verb in changer if resource.startswith("cluster")}
    assert wide <= {"get", "list"}, "roles of the whole cluster are looked at, never written"


def test_rules_are_joined_and_sorted():
    needs = [AccessRule(verb=verb, group="", resource=what) for verb in ("list", "get") for what in ("pods", "nodes")]
    role = cluster_role("x", [*needs, *needs])
    assert role["rules"] == [{"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list"]}]
