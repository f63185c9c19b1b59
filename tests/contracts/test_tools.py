"""Every tool keeps the contract: schema, description, bounds, rights, and changes that are taken back whole."""

from __future__ import annotations

import copy
import inspect
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import pytest

from aiops.clients.jaeger import JaegerClient
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.prometheus import PrometheusClient
from aiops.core.action import AccessRule, Edit, Proposal
from aiops.core.changes import Change
from aiops.core.clock import VirtualClock
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.core.fields import desired
from aiops.knowledge.library import Library
from aiops.lab.jaeger.api import jaeger_app
from aiops.lab.kube import User, kubernetes_app
from aiops.lab.kube.api.request import parse_request
from aiops.lab.prometheus import prometheus_app
from aiops.lab.world import World
from aiops.tools.kit import operations
from aiops.tools.kit.access import changer_role, reader_role
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import TOOLS, Tool
from aiops.tools.kit.results import Result
from tests.support.journal import MemoryJournal
from tests.support.worlds import copy_of

ASSISTANT = "assistant"
LARGEST = 600_000
"""Bytes of JSON that a result of the sample application may have at most."""

READS = [tool.name for tool in TOOLS if tool.effect == "reads"]
CHANGES = [tool.name for tool in TOOLS if tool.effect == "changes"]

GEO, SERVICE = "Deployment/hotel/geo", "Service/hotel/geo"
POLICY, SET, DAEMON = "NetworkPolicy/hotel/guard", "StatefulSet/hotel/queue", "DaemonSet/hotel/agent"
NEW_SPEC = {"podSelector": {"matchLabels": {"app": "rate"}}, "policyTypes": ["Ingress"], "ingress": [{}]}

CONFIG, RATES = "ConfigMap/hotel/settings", "ConfigMap/hotel/rate-config"
ROLE, BINDING = "Role/hotel/keeper", "RoleBinding/hotel/keeper"
INGRESS, SCALER = "Ingress/hotel/side", "HorizontalPodAutoscaler/hotel/geo"
RULES = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]
KEEPER = {"kind": "ServiceAccount", "namespace": "hotel", "name": "geo"}
GONE = (
    "ConfigMap/hotel/gone",
    "HorizontalPodAutoscaler/hotel/gone",
    "Ingress/hotel/gone",
    "NetworkPolicy/hotel/gone",
    "Role/hotel/gone",
    "RoleBinding/hotel/gone",
    "Service/hotel/memcached-rate",
    "ServiceAccount/hotel/gone",
)
"""Objects that are deleted before the tools are tried."""

GRANTS = ("Role", "RoleBinding", "ServiceAccount")

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("set_config_key", CONFIG, {"config_map": CONFIG, "key": "b", "value": "2"}),
    ("set_config_key", CONFIG, {"config_map": CONFIG, "key": "a", "value": None}),
    ("set_config_key", CONFIG, {"config_map": CONFIG, "key": "a", "value": "2", "restart": True}),
    ("set_config_key", RATES, {"config_map": RATES, "key": "a", "value": "2", "restart": True}),
    *(
        ("set_probe", w, {"workload": w, "container": c, "probe": "readinessProbe", "path": "/ok", "port": 8, **more})
        for w, c, more in ((GEO, "geo", {}), (SET, "c", {"timeout_seconds": 3}), (DAEMON, "c", {}))
    ),
    *(("set_node_selector", w, {"workload": w, "selector": {"disk": "ssd"}}) for w in (GEO, SET, DAEMON)),
    ("set_autoscaler", SCALER, {"autoscaler": SCALER, "min_replicas": 2, "max_replicas": 6}),
    ("edit_role", ROLE, {"role": ROLE, "rules": RULES}),
    ("edit_role_binding", BINDING, {"binding": BINDING, "subjects": [KEEPER]}),
    ("set_ingress_tls", INGRESS, {"ingress": INGRESS, "hosts": ["b.example.com"], "secret": "other"}),
    *(
        ("recreate_grant" if Entity.parse(e).kind in GRANTS else "recreate_object", e, {"entity": e, "deleted_at": 4e9})
        for e in GONE
    ),
    ("rollout_undo", GEO, {"workload": GEO}),
    ("rollout_undo", GEO, {"workload": GEO, "to_revision": 1, "with_account": True}),
    *(
        ("set_image", w, {"workload": w, "container": c, "image": "x:9"})
        for w, c in ((GEO, "geo"), (SET, "c"), (DAEMON, "c"))
    ),
    *(("set_env", w, {"workload": w, "container": "c", "name": "A", "value": "2"}) for w in (SET, DAEMON)),
    ("set_env", GEO, {"workload": GEO, "container": "geo", "name": "NEW", "value": "x"}),
    ("set_env", SET, {"workload": SET, "container": "c", "name": "B", "value": "plain"}),
    ("set_env", SET, {"workload": SET, "container": "c", "name": "A", "value": None}),
    *(("set_env_key", w, {"workload": w, "container": "c", "name": "D", "key": "other"}) for w in (SET, DAEMON)),
    ("set_env_key", GEO, {"workload": GEO, "container": "geo", "name": "MONGO_PASSWORD", "key": "other"}),
    *(
        ("set_resources", w, {"workload": w, "container": c, "limits": {"memory": "1Gi"}, "requests": {"cpu": "60m"}})
        for w, c in ((GEO, "geo"), (SET, "c"), (DAEMON, "c"))
    ),
    ("set_resources", GEO, {"workload": GEO, "container": "geo", "limits": {"cpu": None}}),
    ("scale", GEO, {"workload": GEO, "replicas": 0}),
    ("scale", SET, {"workload": SET, "replicas": 4}),
    ("patch_service", SERVICE, {"service": SERVICE, "path": "spec.ports[http].targetPort", "value": 9999}),
    ("patch_service", SERVICE, {"service": SERVICE, "path": "spec.selector[example.com/tier]", "value": "x"}),
    ("patch_service", SERVICE, {"service": SERVICE, "path": "spec.selector.app", "value": None}),
    ("edit_network_policy", POLICY, {"policy": POLICY, "spec": NEW_SPEC}),
    ("edit_network_policy", POLICY, {"policy": POLICY, "add_ingress": {"from": [{"podSelector": {}}]}}),
]


def pod_set(kind: str, name: str) -> Manifest:
    labels = {"app": name}
    env = [
        {"name": "A", "value": "1"},
        {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "C", "value": "3"},
        {"name": "D", "valueFrom": {"secretKeyRef": {"name": "credentials", "key": "one", "optional": True}}},
    ]
    container = {
        "name": "c",
        "image": "x:1",
        "env": env,
        "envFrom": [{"configMapRef": {"name": "settings"}}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 80}},
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container], "nodeSelector": {"a": "b"}}}
    spec: dict[str, Any] = {"selector": {"matchLabels": labels}, "template": template}
    if kind == "StatefulSet":
        spec |= {"serviceName": name, "replicas": 1}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": "hotel"}, "spec": spec}


GUARD = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "guard", "namespace": "hotel"},
    "spec": {
        "podSelector": {"matchLabels": {"app": "nothing"}, "matchExpressions": [{"key": "a", "operator": "Exists"}]},
        "policyTypes": ["Ingress"],
    },
}


def named(api: str, kind: str, name: str, **rest: Any) -> Manifest:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "hotel"}, **rest}


def small_objects(name: str) -> list[Manifest]:
    """One object of each small kind that tools change or bring back."""
    rbac = "rbac.authorization.k8s.io"
    hosts = [{"hosts": [f"{one}.example.com"], "secretName": f"{one}-tls"} for one in ("a", "b")]
    backend = {"service": {"name": "geo", "port": {"number": 80}}}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "rate"}
    return [
        named("v1", "ConfigMap", name, data={"a": "1"}),
        named("v1", "ServiceAccount", name),
        named(f"{rbac}/v1", "Role", name, rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]),
        named(
            f"{rbac}/v1",
            "RoleBinding",
            name,
            roleRef={"apiGroup": rbac, "kind": "Role", "name": "keeper"},
            subjects=[{"kind": "ServiceAccount", "namespace": "hotel", "name": "rate"}],
        ),
        named("networking.k8s.io/v1", "Ingress", name, spec={"tls": hosts, "defaultBackend": backend}),
        named("networking.k8s.io/v1", "NetworkPolicy", name, spec={"podSelector": {"matchLabels": {"app": "nothing"}}}),
        named(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            name,
            spec={"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 4},
        ),
    ]


class Memory:
    """A change history that knows how some deleted objects were."""

    def __init__(self, objects: list[Manifest]) -> None:
        self._known = {Entity.of(item): desired(item) for item in objects}

    async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        return []

    async def version_before(self, entity: Entity, moment: float) -> Manifest | None:
        return self._known.get(entity)

    async def watched_since(self) -> float:
        return 0.0

    def problems(self) -> tuple[str, ...]:
        return ()


class Wire(httpx2.AsyncBaseTransport):
    """Notes the right that each request uses."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx2.ASGITransport(app=app)
        self.used: dict[AccessRule, None] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        info = parse_request(request.method, request.url.path, request.url.params)
        if info.plural != "selfsubjectaccessreviews":
            rule = AccessRule(verb=info.verb, group=info.group, resource=info.plural, subresource=info.subresource)
            self.used[rule] = None
        return await self._inner.handle_async_request(request)


class Lab:
    """A world some minutes old whose assistant has the rights that the tools declare, and no others."""

    def __init__(self) -> None:
        self.world, gone = copy_of(furnished)
        app = kubernetes_app(self.world.cluster, tokens={"a": User(ASSISTANT, ())}, logs=self.world.logs)
        self.wire = Wire(app)
        clock = VirtualClock(self.world.now)
        self.folder = TemporaryDirectory()
        asgi = httpx2.ASGITransport
        self.ctx = Context(
            kube=KubernetesClient.at("http://lab", token="a", transport=self.wire),
            clock=clock,
            metrics=PrometheusClient.at(
                "http://lab",
                transport=asgi(app=prometheus_app(self.world.series, self.world.rules, self.world.clock)),
            ),
            traces=JaegerClient.at("http://lab", transport=asgi(app=jaeger_app(self.world.traces, self.world.clock))),
            changes=Memory(gone),
            runbooks=Library.open(Path(self.folder.name)),
            read_only=False,
        )

    def run(self, seconds: float) -> None:
        _run(self.world, seconds)

    def asked_for(self) -> dict[str, Manifest]:
        """The desired state of everything that people and not controllers write."""
        kinds = ("Deployment", "StatefulSet", "DaemonSet", "Service", "NetworkPolicy", "ConfigMap", "Secret", "Ingress")
        kinds += ("Role", "RoleBinding", "HorizontalPodAutoscaler", "ServiceAccount")
        return {str(Entity.of(m)): desired(m) for kind in kinds for m in self.world.cluster.objects(kind)}

    def arguments(self, tool: Tool[..., Any]) -> dict[str, Any]:
        """Arguments with which a reading tool finds something."""
        now = self.world.now
        known = {
            "window": {"start": now - 60, "end": now},
            "baseline": {"start": now - 120, "end": now - 60},
            "workload": GEO,
            "account": "ServiceAccount/hotel/geo",
            "verb": "get",
            "resource": "pods",
            "entity": GEO,
            "kind": "Pod",
            "query": "up",
            "moment": now,
            "tool": "metric_query",
            "arguments": {"query": "up", "window": {"start": now - 60, "end": now}},
            "name": "memory-limit",
            "text": "out of memory",
        }
        if tool.name == "object_before":
            known["entity"] = GONE[0]
        return {name: value for name, value in known.items() if name in tool.arguments.model_fields}


def furnished() -> tuple[World, list[Manifest]]:
    """A world with an object for every tool to work on, and the objects that are gone from it."""
    world = World("hotel", seed=1)
    cluster = world.cluster
    for manifest in (pod_set("StatefulSet", "queue"), pod_set("DaemonSet", "agent"), GUARD):
        cluster.create(manifest, manager="helm")
    kept = {"ConfigMap": "settings", "Role": "keeper", "RoleBinding": "keeper", "Ingress": "side"}
    for kind, name in (kept | {"HorizontalPodAutoscaler": "geo"}).items():
        cluster.create(next(m for m in small_objects(name) if m["kind"] == kind), manager="helm")
    for manifest in small_objects("gone"):
        cluster.create(manifest, manager="helm")
    _run(world, 60)
    gone = [cluster.get(e.kind, e.namespace, e.name) for e in map(Entity.parse, GONE)]
    for manifest in gone:
        cluster.delete(manifest["kind"], "hotel", manifest["metadata"]["name"])
    _run(world, 30)
    cluster.update(_as_another(cluster.get("Deployment", "hotel", "geo")), manager="ann")
    _run(world, 30)
    cluster.update(_with_variable(cluster.get("Deployment", "hotel", "geo")), manager="ann")
    for role in (reader_role(), changer_role()):
        cluster.create(role, manager="helm")
        cluster.create(_binding(role["metadata"]["name"]), manager="helm")
    _run(world, 60)
    return world, gone


def _run(world: World, seconds: float) -> None:
    for _ in world.ticks(seconds):
        pass


def _as_another(deployment: Manifest) -> Manifest:
    """A revision that runs as another account."""
    changed: Manifest = copy.deepcopy(deployment)
    changed["spec"]["template"]["spec"]["serviceAccountName"] = "rate"
    return changed


def _with_variable(deployment: Manifest) -> Manifest:
    """Another revision of a Deployment, so that there is one to go back to."""
    changed: Manifest = copy.deepcopy(deployment)
    changed["spec"]["template"]["spec"]["containers"][0].setdefault("env", []).append({"name": "Z", "value": "1"})
    return changed


def _binding(role: str) -> Manifest:
    api = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{api}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"{role}-{ASSISTANT}"},
        "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": api, "kind": "User", "name": ASSISTANT}],
    }


@pytest.fixture
def lab() -> Lab:
    return Lab()


def test_the_tools_are_found():
    assert len(READS) >= 10
    assert len(CHANGES) >= 7


@pytest.mark.parametrize("name", READS + CHANGES)
def test_schema_and_description(name):
    tool = TOOLS.get(name)
    assert 30 <= len(tool.description) <= 500
    assert tool.description[0].isupper()
    assert "." in tool.description
    schema = tool.schema()
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert (tool.risk is not None) == (tool.effect == "changes")
    for argument, part in schema["properties"].items():
        assert {"type", "anyOf", "$ref", "allOf"} & part.keys(), argument


@pytest.mark.parametrize("name", READS)
def test_reads_return_a_result(name):
    returned = TOOLS.get(name).returns
    assert issubclass(returned, Result)
    assert inspect.getdoc(returned) != inspect.getdoc(Result), "a result says what is in it, in which order"


@pytest.mark.parametrize("name", CHANGES)
def test_changes_return_edits(name):
    assert TOOLS.get(name).returns == list[Edit]


@pytest.fixture(scope="module")
def watched() -> Lab:
    """A lab that nobody writes to."""
    return Lab()


@pytest.mark.parametrize("name", READS)
async def test_reads_use_declared_rights_only_and_survive_json(watched, name):
    tool = TOOLS.get(name)
    watched.wire.used.clear()
    result = await tool.call(watched.ctx, watched.arguments(tool))
    assert isinstance(result, Result)
    assert type(result).model_validate_json(result.model_dump_json()) == result
    assert set(watched.wire.used) <= set(tool.needs)


@pytest.mark.parametrize("name", READS)
async def test_reads_are_bounded(watched, name):
    tool = TOOLS.get(name)
    arguments = watched.arguments(tool)
    whole = await tool.call(watched.ctx, arguments)
    assert len(whole.model_dump_json()) < LARGEST
    if "limit" in tool.arguments.model_fields:
        few = await tool.call(watched.ctx, {**arguments, "limit": 1})
        cut = {key: len(getattr(whole, key)) - len(value) for key, value in few if isinstance(value, tuple)}
        assert few.left_out == whole.left_out + sum(cut.values())


@pytest.mark.parametrize("name", READS)
async def test_reads_say_what_is_missing(watched, name):
    """With the API server alone a tool either finds what it looks for there, or says which part it lacks."""
    tool = TOOLS.get(name)
    blind = Context(kube=watched.ctx.kube, clock=watched.ctx.clock)
    result = await tool.call(blind, watched.arguments(tool))
    needs_more = ("dependencies", "evidence_series", "firing_alerts", "golden_signals", "metric_query", "object_before")
    needs_more += ("read_runbook", "recent_changes", "search_runbooks", "trace_breakdown")
    assert bool(result.no_data) == (name in needs_more)


@pytest.mark.parametrize("name", READS)
async def test_reads_stay_in_the_allowed_namespaces(watched, name):
    tool = TOOLS.get(name)
    fields, arguments = tool.arguments.model_fields, watched.arguments(tool)
    if not fields.keys() & {"namespace", "workload", "entity"}:
        return
    confined = Context(kube=watched.ctx.kube, clock=watched.ctx.clock, namespaces=("monitoring",))
    if "namespace" in fields:
        arguments["namespace"] = "hotel"
    with pytest.raises(RetryWithOtherArgumentsError, match="namespace 'hotel' is outside the allowed ones: monitoring"):
        await tool.call(confined, arguments)


@pytest.mark.parametrize("name", READS + CHANGES)
async def test_wrong_arguments_are_named(watched, name):
    with pytest.raises(RetryWithOtherArgumentsError, match=f"{name}: .*argument nonsense"):
        await TOOLS.get(name).call(watched.ctx, {"nonsense": 1})


def test_every_change_has_a_case():
    assert sorted({name for name, _, _ in CASES}) == CHANGES


@pytest.mark.parametrize(("name", "target", "arguments"), CASES, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(CASES)])
async def test_changes_are_taken_back_whole(lab, name, target, arguments):
    proposal = Proposal(
        tool=name,
        arguments=arguments,
        target=Entity.parse(target),
        mechanism=None,
        reason="a test",
        expected_effect="none",
        evidence=(),
    )
    journal, before = MemoryJournal(), lab.asked_for()
    action = await operations.prepare(lab.ctx, proposal, "a-1")
    assert lab.asked_for() == before, "preparing writes nothing"
    assert action.diff
    applied = await operations.apply(lab.ctx, action, journal)
    changed = lab.asked_for()
    touched = [key for key in before.keys() | changed.keys() if changed.get(key) != before.get(key)]
    assert set(touched) == {str(one.edit.target) for one in applied}, "only the targets change"
    assert (target in touched, len(applied) == 1) == (True, "restart" not in arguments)
    assert desired(applied[0].after or {}) == changed[target]
    lab.run(30)
    await operations.undo(lab.ctx, action, journal)
    lab.run(30)
    assert lab.asked_for() == before


@pytest.mark.parametrize("name", CHANGES)
async def test_changes_declare_the_rights_that_they_use(name):
    """All cases of a tool together use every right that it declares, and none besides."""
    lab = Lab()
    lab.run(30)
    for case, target, arguments in CASES:
        if case != name:
            continue
        for edit in await TOOLS.get(name).call(lab.ctx, arguments):
            kind = await lab.ctx.kube.resource(edit.target.kind)
            for verb in ("create", "delete") if edit.op == "create" else (edit.op,):  # taken back by a deletion
                lab.wire.used[AccessRule(verb=verb, group=kind.group, resource=kind.plural)] = None
            assert str(edit.target) == target or arguments.get("restart")
    assert set(lab.wire.used) == set(TOOLS.get(name).needs)
