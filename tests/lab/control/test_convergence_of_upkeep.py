"""Autoscalers, schedules, nodes and namespaces end where they should, whatever was done before, and are quiet then."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.control.metrics.server import MetricsServer
from aiops.lab.kube.objects import clone, condition, deleting
from aiops.lab.ports import ContainerUse, ProcessStatus

few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUIET = 30
"""Ticks in which nothing may be written any more."""


MEASURED = ("Node", "Lease", "PodMetrics", "NodeMetrics")
"""Kinds that tell what was last seen, whether or not anything has changed."""


def _written(lab: Any) -> list[Any]:
    """What stands in the store, but for the times at which nodes report that all is as it was."""
    others = [lab.store.objects(kind) for kind in lab.store.catalog.shelves if kind not in MEASURED]
    nodes = [(node["spec"], node["metadata"]["labels"], _conditions(node)) for node in lab.store.objects("Node")]
    return [*others, nodes]


def _conditions(node: Manifest) -> list[tuple[str, str, str]]:
    entries = node["status"]["conditions"]
    return [(entry["type"], entry["status"], entry["lastTransitionTime"]) for entry in entries]


def _quiet(lab: Any) -> bool:
    before = _written(lab)
    lab.ticks(QUIET)
    return _written(lab) == before


# ---- autoscalers


@dataclass
class Load:
    """What the containers use together: `cores`, shared by those that run."""

    processes: Any
    cores: float = 0.1

    def use(self, _container_id: str) -> ContainerUse:
        return ContainerUse(cpu=self.cores / max(1, len(self.processes.running)), memory=2**20)

    def node_use(self) -> dict[str, ContainerUse]:
        return {}


MOST = 6
REQUEST, TARGET = 0.2, 0.1
"""Cores that a pod asks for, and that it should use."""

loads = st.integers(0, 12).map(lambda value: value * 60 / 1000)
"""Cores in all: whole thousandths for each of up to six pods, as that is how they are counted."""

load_edits = st.lists(
    st.one_of(
        st.tuples(st.just("load"), loads),
        st.tuples(st.just("scale"), st.integers(0, 8)),
        st.tuples(st.just("least"), st.integers(1, MOST)),
        st.tuples(st.just("kill"), st.integers(0, 3)),
        st.tuples(st.just("target"), st.sampled_from(["web", "nothing"])),
        st.tuples(st.just("wait"), st.integers(1, 8)),
    ),
    max_size=8,
)


def _press(lab: Any, load: Load, what: str, value: Any) -> None:
    if what == "load":
        load.cores = value
    elif what == "scale":
        lab.scale("web", value)
    elif what == "least":
        lab.edit("HorizontalPodAutoscaler", "web", lambda item: item["spec"].update(minReplicas=value))
    elif what == "target":
        lab.edit("HorizontalPodAutoscaler", "web", lambda item: item["spec"]["scaleTargetRef"].update(name=value))
    elif what == "kill" and len(lab.pods()) > value:
        lab.store.delete("Pod", "default", lab.pods()[value]["metadata"]["name"])
    elif what == "wait":
        lab.ticks(value)


@few
@given(load_edits, loads)
def test_an_autoscaler_ends_at_its_target(make_lab: Any, steps: list[tuple[str, Any]], final: float) -> None:
    lab = make_lab()
    load = Load(lab.processes)
    MetricsServer(lab.store, load).install()
    lab.deploy(replicas=2, container={"resources": {"requests": {"cpu": str(REQUEST)}}})
    aim = {"type": "Utilization", "averageUtilization": round(100 * TARGET / REQUEST)}
    metrics = [{"type": "Resource", "resource": {"name": "cpu", "target": aim}}]
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": MOST, "metrics": metrics}
    lab.create("autoscaling/v2", "HorizontalPodAutoscaler", "web", spec=spec)
    for what, value in steps:
        _press(lab, load, what, value)
    _press(lab, load, "target", "web")
    lab.scale("web", max(1, lab.store.get("Deployment", "default", "web")["spec"]["replicas"]))
    load.cores = final
    lab.ticks(150)
    replicas = lab.store.get("Deployment", "default", "web")["spec"]["replicas"]
    least = lab.store.get("HorizontalPodAutoscaler", "default", "web")["spec"]["minReplicas"]
    wanted = min(max(ceil(round(final / TARGET, 6)), least), MOST)
    assert replicas == wanted or abs(final / replicas / TARGET - 1) < 0.12, "within its tolerance"
    status = lab.status("HorizontalPodAutoscaler", "web")
    assert status["currentReplicas"] == status["desiredReplicas"] == replicas == len(lab.pods())
    assert _quiet(lab)


# ---- schedules


cron_edits = st.lists(
    st.one_of(
        st.tuples(st.just("policy"), st.sampled_from(["Allow", "Forbid", "Replace"])),
        st.tuples(st.just("suspend"), st.booleans()),
        st.tuples(st.just("schedule"), st.sampled_from(["* * * * *", "*/2 * * * *", "0 0 1 1 *"])),
        st.tuples(st.just("exit"), st.sampled_from([0, 1, None])),
        st.tuples(st.just("drop"), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.integers(6, 30)),
    ),
    max_size=8,
)


def _ends(lab: Any, code: int | None) -> None:
    """All processes end with `code`, or run on."""
    if code is None:
        lab.processes.exits.pop("app:1", None)
    else:
        reason = "Error" if code else "Completed"
        lab.processes.exits["app:1"] = ProcessStatus(running=False, exit_code=code, reason=reason)


def _disturb(lab: Any, what: str, value: Any) -> None:
    jobs = lab.store.objects("Job", "default")
    if what == "exit":
        _ends(lab, value)
    elif what == "wait":
        lab.ticks(value)
    elif what == "drop" and len(jobs) > value:
        lab.store.delete("Job", "default", jobs[value]["metadata"]["name"])
    elif what in ("policy", "suspend", "schedule"):
        field = "concurrencyPolicy" if what == "policy" else what
        lab.edit("CronJob", "tick", lambda item: item["spec"].update({field: value}))


def _finished(lab: Any, kind: str) -> int:
    return sum(condition(job, kind) is not None for job in lab.store.objects("Job", "default"))


@few
@given(cron_edits, st.sampled_from([0, 1]), st.integers(0, 2), st.integers(0, 2))
def test_a_schedule_ends_with_its_history(
    make_lab: Any, steps: list[tuple[str, Any]], code: int, good: int, bad: int
) -> None:
    lab = make_lab(nodes=1)
    pod = {"restartPolicy": "Never", "containers": [{"name": "app", "image": "app:1"}]}
    job = {"backoffLimit": 0, "template": {"metadata": {}, "spec": pod}}
    limits = {"successfulJobsHistoryLimit": good, "failedJobsHistoryLimit": bad}
    spec = {"schedule": "* * * * *", "concurrencyPolicy": "Allow", "jobTemplate": {"spec": job}, **limits}
    lab.create("batch/v1", "CronJob", "tick", spec=spec)
    for what, value in steps:
        _disturb(lab, what, value)
    _disturb(lab, "suspend", True)
    _ends(lab, code)
    lab.settle(200)
    jobs = lab.store.objects("Job", "default")
    assert _finished(lab, "Complete") <= good
    assert _finished(lab, "Failed") <= bad
    assert _finished(lab, "Complete") + _finished(lab, "Failed") == len(jobs)
    assert not lab.status("CronJob", "tick").get("active")
    owners = {pod["metadata"]["ownerReferences"][0]["name"] for pod in lab.pods()}
    assert owners <= {each["metadata"]["name"] for each in jobs}
    assert _quiet(lab)


# ---- nodes


node_names = st.sampled_from(["node-0", "node-1", "node-2"])
node_edits = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["stop", "start", "cordon", "uncordon", "taint", "untaint", "remove"]), node_names),
        st.tuples(st.just("wait"), st.integers(1, 40)),
    ),
    max_size=10,
)
MAINTENANCE = {"key": "maintenance", "effect": "NoExecute"}
AT_ONCE = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
    for key in ("not-ready", "unreachable")
]


def _treat(lab: Any, what: str, value: Any) -> None:
    def change(node: Manifest) -> None:
        spec = node["spec"]
        others = [taint for taint in spec.get("taints") or () if taint["key"] != MAINTENANCE["key"]]
        if what in ("cordon", "uncordon"):
            spec["unschedulable"] = what == "cordon"
        else:
            spec["taints"] = [*others, MAINTENANCE] if what == "taint" else others

    if what == "wait":
        lab.ticks(value)
    elif what == "stop":
        lab.control.machines.stop(value)
    elif what == "start":
        lab.control.machines.start(value)
    elif lab.store.find("Node", "", value) is None:
        lab.create("v1", "Node", value)
    elif what == "remove":
        lab.store.delete("Node", "", value)
    else:
        lab.edit("Node", value, change, namespace="")


def _taints(node: Manifest) -> set[tuple[str, str]]:
    return {(taint["key"].rpartition("/")[2], taint["effect"]) for taint in node["spec"].get("taints") or ()}


def _expected(lab: Any, node: Manifest) -> set[tuple[str, str]]:
    """The taints that what ails a node calls for."""
    unreachable = not lab.control.machines.is_up(node["metadata"]["name"])
    return {
        *([("unreachable", "NoSchedule"), ("unreachable", "NoExecute")] if unreachable else ()),
        *([("unschedulable", "NoSchedule")] if node["spec"].get("unschedulable") else ()),
        *([("maintenance", "NoExecute")] if ("maintenance", "NoExecute") in _taints(node) else ()),
    }


@few
@given(node_edits)
def test_pods_end_on_nodes_that_are_well(make_lab: Any, steps: list[tuple[str, Any]]) -> None:
    lab = make_lab()
    lab.deploy(replicas=4, tolerations=AT_ONCE)
    for what, value in steps:
        _treat(lab, what, value)
    if lab.store.find("Node", "", "node-0") is None:
        lab.create("v1", "Node", "node-0")
    for what in ("start", "uncordon", "untaint"):
        _treat(lab, what, "node-0")
    lab.ticks(60)
    lab.settle(100)
    nodes = {node["metadata"]["name"]: node for node in lab.store.objects("Node")}
    for node in nodes.values():
        assert _taints(node) == _expected(lab, node)
        ready = condition(node, "Ready")
        up = lab.control.machines.is_up(node["metadata"]["name"])
        assert ready is not None
        assert ready["status"] == ("True" if up else "Unknown")
    staying = [pod for pod in lab.pods() if not deleting(pod)]
    assert len(staying) == 4
    for pod in staying:
        assert pod["status"]["phase"] == "Running"
        assert all(effect != "NoExecute" for _, effect in _taints(nodes[pod["spec"]["nodeName"]]))
    # Nobody can say of a machine that is cut off that its containers have ended.
    leaving = [pod["spec"]["nodeName"] for pod in lab.pods() if deleting(pod)]
    assert all(not lab.control.machines.is_up(name) and name in nodes for name in leaving)
    assert _quiet(lab)


# ---- namespaces


KEPT = "example.com/keep"
namespace_edits = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["config", "pod", "deployment", "job", "claim"]), st.booleans()),
        st.tuples(st.just("end"), st.just(False)),
        st.tuples(st.just("wait"), st.booleans()),
    ),
    max_size=10,
)


def _fill(lab: Any, what: str, held: bool, number: int) -> None:
    if what == "wait":
        lab.ticks(5 if held else 1)
    elif what == "end" and not deleting(lab.store.get("Namespace", "", "shop")):
        lab.store.delete("Namespace", "", "shop")
    if what in ("wait", "end") or deleting(lab.store.get("Namespace", "", "shop")):
        return
    pod = {"containers": [{"name": "app", "image": "app:1"}], "terminationGracePeriodSeconds": 20}
    template = {"metadata": {"labels": {"app": what}}, "spec": pod}
    selector = {"matchLabels": {"app": what}}
    bodies: dict[str, tuple[str, str, dict[str, Any]]] = {
        "config": ("v1", "ConfigMap", {"data": {"key": "value"}}),
        "pod": ("v1", "Pod", {"spec": pod}),
        "deployment": ("apps/v1", "Deployment", {"spec": {"selector": selector, "template": template}}),
        "job": ("batch/v1", "Job", {"spec": {"template": {"spec": {**pod, "restartPolicy": "Never"}}}}),
        "claim": (
            "v1",
            "PersistentVolumeClaim",
            {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
        ),
    }
    version, kind, body = bodies[what]
    metadata = {"name": f"{what}-{number}", "namespace": "shop", **({"finalizers": [KEPT]} if held else {})}
    lab.store.create({"apiVersion": version, "kind": kind, "metadata": metadata, **body}, manager="test")


def _contents(lab: Any) -> list[Manifest]:
    return [item for kind in lab.store.catalog.shelves for item in lab.store.objects(kind, "shop")]


def _held(item: Manifest) -> bool:
    return KEPT in (item["metadata"].get("finalizers") or ())


def _let_go(lab: Any, item: Manifest) -> None:
    changed = clone(item)
    changed["metadata"]["finalizers"] = [each for each in changed["metadata"]["finalizers"] if each != KEPT]
    lab.store.update(changed, manager="test")


@few
@given(namespace_edits, st.booleans())
def test_a_namespace_ends_empty(make_lab: Any, steps: list[tuple[str, bool]], stubborn: bool) -> None:
    lab = make_lab(nodes=1)
    lab.processes.stubborn = stubborn
    lab.create("v1", "Namespace", "shop")
    for number, (what, held) in enumerate(steps):
        if lab.store.find("Namespace", "", "shop") is not None:
            _fill(lab, what, held, number)
    if lab.store.find("Namespace", "", "shop") is not None:
        _fill(lab, "end", False, 0)
    lab.ticks(24)
    namespace = lab.store.find("Namespace", "", "shop")
    left = [item for item in _contents(lab) if _held(item)]
    assert (namespace is None) == (not left), "only a finalizer holds it up"
    if namespace is not None:
        assert namespace["status"]["phase"] == "Terminating"
        told = condition(namespace, "NamespaceFinalizersRemaining")
        assert told is not None
        # As long as pods are left, nothing else is looked at.
        assert told["status"] == ("False" if any(item["kind"] == "Pod" for item in left) else "True")
    for item in left:
        _let_go(lab, item)
    lab.ticks(40)
    assert lab.store.find("Namespace", "", "shop") is None
    assert _contents(lab) == []
    assert lab.processes.running == {}
    assert _quiet(lab)
