"""A case of every change that a tool can make, the world to make it in, and what must hold of it, on any cluster."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiops.core.action import Proposal
from aiops.core.changes import Change
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import desired
from aiops.lab.world import World
from aiops.tools.kit import operations
from aiops.tools.kit.access import changer_role, cluster_changer_role, cluster_role, reader_role
from aiops.tools.kit.context import Context
from aiops.tools.kit.rights import GIVEN_BACK
from tests.support import restored
from tests.support.journal import MemoryJournal

ASSISTANT = "assistant"

GEO, SERVICE = "Deployment/hotel/geo", "Service/hotel/geo"
POLICY, SET, DAEMON = "NetworkPolicy/hotel/guard", "StatefulSet/hotel/queue", "DaemonSet/hotel/agent"
NEW_SPEC = {"podSelector": {"matchLabels": {"app": "rate"}}, "policyTypes": ["Ingress"], "ingress": [{}]}

CONFIG, RATES = "ConfigMap/hotel/settings", "ConfigMap/hotel/rate-config"
ROLE, BINDING = "Role/hotel/keeper", "RoleBinding/hotel/keeper"
INGRESS, SCALER = "Ingress/hotel/side", "HorizontalPodAutoscaler/hotel/geo"
RULES = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]
LARGEST_RULES = cluster_role("", GIVEN_BACK)["rules"]
READER = "RoleBinding/hotel/reservation-reader"
KEEPER = {"kind": "ServiceAccount", "namespace": "hotel", "name": "geo"}
NODE = "Node//node-2"
RANGE = "LimitRange/hotel/bounds"
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


SEVERAL = frozenset({"restart", "writer", "workloads"})
"""Arguments with which a tool changes more than its target."""


class Case(NamedTuple):
    """A tool, the object that it changes, and its arguments."""

    tool: str
    target: str
    arguments: dict[str, Any]

    def proposal(self) -> Proposal:
        return Proposal(
            tool=self.tool,
            arguments=self.arguments,
            target=Entity.parse(self.target),
            mechanism=None,
            reason="a test",
            expected_effect="none",
            evidence=(),
        )


_CASES: list[tuple[str, str, dict[str, Any]]] = [
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
    ("edit_role", ROLE, {"role": ROLE, "rules": LARGEST_RULES}),
    ("edit_role_binding", BINDING, {"binding": BINDING, "subjects": [KEEPER]}),
    ("edit_role_binding", READER, {"binding": READER, "subjects": [KEEPER]}),
    ("set_ingress_tls", INGRESS, {"ingress": INGRESS, "hosts": ["b.example.com"], "secret": "other"}),
    *(
        ("recreate_grant" if Entity.parse(e).kind in GRANTS else "recreate_object", e, {"entity": e, "deleted_at": 4e9})
        for e in GONE
    ),
    *(("restore_fields", e, {"entity": e, "changed_at": 4e9, "paths": [path]}) for e, path, _ in restored.FORMER),
    *(
        ("stop_writer", w, {"writer": w, "entity": e, "changed_at": 4e9, "paths": [path]})
        for w, e, path in restored.WRITTEN
    ),
    *(("remove_created", e, {"entity": e, "created_at": restored.CREATED_AT}) for e in restored.CREATED),
    *(
        ("remove_created", RANGE, {"entity": RANGE, "created_at": restored.CREATED_AT, "restart": [w]})
        for w in (GEO, SET, DAEMON)
    ),
    ("set_node", NODE, {"node": NODE, "unschedulable": True}),
    ("set_node", NODE, {"node": NODE, "remove_taint": "team"}),
    ("move_off_node", NODE, {"node": NODE, "restart": [GEO]}),
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
    ("scale_together", GEO, {"workloads": [GEO, SET], "replicas": [3, 4]}),
    *(("stop_workload", w, {"workload": w}) for w in (GEO, SET, "CronJob/hotel/nightly", "Job/hotel/running")),
    *(("rollout_restart", w, {"workload": w}) for w in (GEO, SET, DAEMON)),
    ("scale", SET, {"workload": SET, "replicas": 4}),
    ("patch_service", SERVICE, {"service": SERVICE, "path": "spec.ports[http].targetPort", "value": 9999}),
    ("patch_service", SERVICE, {"service": SERVICE, "path": "spec.selector[example.com/tier]", "value": "x"}),
    ("patch_service", SERVICE, {"service": SERVICE, "path": "spec.selector.app", "value": None}),
    ("edit_network_policy", POLICY, {"policy": POLICY, "spec": NEW_SPEC}),
    ("edit_network_policy", POLICY, {"policy": POLICY, "add_ingress": {"from": [{"podSelector": {}}]}}),
]
CASES = [Case(*each) for each in _CASES]
CASE_IDS = [f"{case.tool}-{number}" for number, case in enumerate(CASES)]


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


GUARD: Manifest = {
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
    """A change history that knows how some objects were before they were deleted or changed."""

    def __init__(self, objects: list[Manifest]) -> None:
        self._known = {Entity.of(item): desired(item) for item in objects}

    async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        return restored.changes()

    async def version_before(self, entity: Entity, moment: float) -> Manifest | None:
        return self._known.get(entity)

    async def watched_since(self) -> float:
        return 0.0

    def problems(self) -> tuple[str, ...]:
        return ()


def furnished() -> tuple[World, list[Manifest]]:
    """A world with an object for every tool to work on, and the objects that are gone from it."""
    world = World("hotel", seed=1)
    cluster = world.cluster
    for manifest in (pod_set("StatefulSet", "queue"), pod_set("DaemonSet", "agent"), GUARD):
        cluster.create(manifest, manager="helm")
    for manifest in restored.furniture():
        cluster.create(manifest, manager="helm")
    kept = {"ConfigMap": "settings", "Role": "keeper", "RoleBinding": "keeper", "Ingress": "side"}
    for kind, name in (kept | {"HorizontalPodAutoscaler": "geo"}).items():
        cluster.create(next(m for m in small_objects(name) if m["kind"] == kind), manager="helm")
    for manifest in small_objects("gone"):
        cluster.create(manifest, manager="helm")
    run(world, 60)
    gone = [cluster.get(e.kind, e.namespace, e.name) for e in map(Entity.parse, GONE)]
    for manifest in gone:
        cluster.delete(manifest["kind"], "hotel", manifest["metadata"]["name"])
    run(world, 30)
    cluster.update(_as_another(cluster.get("Deployment", "hotel", "geo")), manager="ann")
    run(world, 30)
    cluster.update(_with_variable(cluster.get("Deployment", "hotel", "geo")), manager="ann")
    node = cluster.get(*_key(NODE))
    taint = {"key": "team", "value": "data", "effect": "PreferNoSchedule"}
    cluster.update({**node, "spec": {**node["spec"], "taints": [taint]}}, manager="ann")
    known = {name: cluster.get(*_key(name)) for name, *_ in restored.FORMER}
    for role in (reader_role(), changer_role(), cluster_changer_role()):
        cluster.create(role, manager="helm")
        cluster.create(_binding(role["metadata"]["name"]), manager="helm")
    run(world, 60)
    return world, [*gone, *restored.former(known)]


def _key(name: str) -> tuple[str, str, str]:
    entity = Entity.parse(name)
    return entity.kind, entity.namespace, entity.name


def run(world: World, seconds: float) -> None:
    """Let simulated seconds pass."""
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


async def taken_back_whole(
    context: Context,
    case: Case,
    asked_for: Callable[[], Awaitable[dict[str, Manifest]]],
    settle: Callable[[], None] = lambda: None,
    asked: Callable[[Manifest], Manifest] = desired,
) -> None:
    """Preparing a change writes nothing, applying it changes its targets alone, undoing it leaves no trace.

    `asked_for` reads the desired state of everything that people write, by name, as `asked` tells it of an object;
    `settle` lets controllers act."""
    journal, before = MemoryJournal(), await asked_for()
    action = await operations.prepare(context, case.proposal(), "a-1")
    assert await asked_for() == before, "preparing writes nothing"
    assert action.diff
    applied = await operations.apply(context, action, journal)
    after = await asked_for()
    touched = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert touched == {str(one.edit.target) for one in applied}, "only the targets change"
    assert (case.target in touched, len(applied) == 1) == (True, not SEVERAL & case.arguments.keys())
    assert applied[0].after is None or asked(applied[0].after) == after[case.target]
    assert (applied[0].after is None) == (case.target not in after)
    settle()
    await operations.undo(context, action, journal)
    settle()
    assert await asked_for() == before
