"""A frozen set of raw Kubernetes objects, and the relations between them that the API leaves implicit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aiops.analysis.selectors import matches, subset
from aiops.analysis.state.owners import controller, workload_of
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest
from aiops.core.wellknown import REVISION


@dataclass(frozen=True, slots=True)
class ObservedCall:
    """A call that telemetry saw: who called which host and port, and why it failed where it did.

    `error_ratio` is in 0..1; `error_type` is the OpenTelemetry `error.type` of most of its errors. `worked` is whether
    such calls got through before the trouble. `protocol` is `http` or the name of a database system, where that is
    known.
    """

    source: Entity
    host: str
    port: int | None
    error_ratio: float = 0.0
    error_type: str = ""
    worked: bool = False
    protocol: str = ""


class ClusterState:
    """Objects at one moment (`now`, unix seconds). Every method returns objects by namespace and name.

    `unread` are the kinds of which some could not be read: that one is missing here says nothing of these."""

    def __init__(
        self,
        objects: Iterable[Manifest],
        now: float,
        calls: Sequence[ObservedCall] = (),
        unread: frozenset[str] = frozenset(),
    ) -> None:
        self.now = now
        self.unread = unread
        self.calls = tuple(calls)
        self._kinds: dict[str, dict[tuple[str, str], Manifest]] = defaultdict(dict)
        for item in objects:
            meta = item["metadata"]
            self._kinds[item["kind"]][meta.get("namespace", ""), meta["name"]] = item
        self._kinds = {kind: dict(sorted(items.items())) for kind, items in self._kinds.items()}
        self._pods = self._pods_by_workload()
        self._backends: dict[tuple[str, frozenset[tuple[str, str]]], list[Manifest]] = {}
        self._about = self._events_by_object()
        self._addresses = {address: s for s in self.of("Service") for address in _cluster_ips(s)}

    def of(self, kind: str, namespace: str | None = None) -> list[Manifest]:
        """All objects of a kind, in one namespace where one is given."""
        items = self._kinds.get(kind, {})
        return [item for (ns, _), item in items.items() if namespace is None or ns == namespace]

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None:
        """One object; None where it is not there, or was not read."""
        return self._kinds.get(kind, {}).get((namespace, name))

    def about(self, entity: Entity) -> list[Manifest]:
        """The events about an object, as far as they were read."""
        return self._about.get(entity, [])

    def workloads(self, namespace: str | None = None) -> list[Manifest]:
        """Deployments, StatefulSets and DaemonSets."""
        return [item for kind in WORKLOAD_KINDS for item in self.of(kind, namespace)]

    def workload(self, pod: Manifest) -> Entity | None:
        """The workload that made a pod; None for a bare pod. A ReplicaSet that was read tells best who made it."""
        namespace = pod["metadata"].get("namespace", "")
        owner = controller(pod)
        replica_set = self.find("ReplicaSet", namespace, owner[1]) if owner and owner[0] == "ReplicaSet" else None
        if replica_set is not None:
            owner = controller(replica_set)
        elif owner and owner[0] == "ReplicaSet":
            made = workload_of(pod)
            owner = (made.kind, made.name) if made and made.kind in WORKLOAD_KINDS else self._by_labels(pod)
        if owner is None or owner[0] not in WORKLOAD_KINDS:
            return None
        return Entity(kind=owner[0], namespace=namespace, name=owner[1])

    def pods_of(self, workload: Entity) -> list[Manifest]:
        """A workload's pods that are not being deleted."""
        return self._pods.get(workload, [])

    def templates(self, workload: Entity) -> list[Manifest]:
        """A workload's earlier pod templates, the newest first, from the ReplicaSets or revisions that it keeps."""
        current = self.find(workload.kind, workload.namespace, workload.name)
        kind, number = ("ReplicaSet", _revision) if workload.kind == "Deployment" else ("ControllerRevision", _count)
        owned = [
            (number(item), item)
            for item in self.of(kind, workload.namespace)
            if controller(item) == (workload.kind, workload.name)
        ]
        latest = pod_template(current) if current else {}
        ordered = sorted(owned, key=lambda pair: -pair[0])
        return [pod_template(item) for _, item in ordered if pod_template(item).get("spec") != latest.get("spec")]

    def selected(self, service: Manifest) -> list[Manifest]:
        """The pods that a Service's selector selects and that are not being deleted."""
        selector = service.get("spec", {}).get("selector")
        if not selector:
            return []
        namespace = service["metadata"].get("namespace", "")
        pods = self.of("Pod", namespace)
        return [p for p in pods if subset(selector, p["metadata"].get("labels", {})) and not _leaving(p)]

    def backends(self, service: Manifest) -> list[Manifest]:
        """The workloads whose pod template a Service's selector selects."""
        selector = service.get("spec", {}).get("selector")
        if not selector:
            return []
        key = service["metadata"].get("namespace", ""), frozenset(selector.items())
        if key not in self._backends:
            self._backends[key] = [w for w in self.workloads(key[0]) if subset(selector, template_labels(w))]
        return list(self._backends[key])

    def service_of_host(self, host: str, namespace: str) -> Manifest | None:
        """The Service that a host name (`geo`, `geo.hotel`, `geo.hotel.svc.cluster.local`) or a cluster IP means to
        a pod of `namespace`."""
        if host in self._addresses:
            return self._addresses[host]
        parts = host.rstrip(".").split(".")
        if len(parts) == 1:
            return self.find("Service", namespace, parts[0])
        if len(parts) == 2 or parts[2] == "svc":
            return self.find("Service", parts[1], parts[0])
        return None

    def namespace_labels(self) -> dict[str, Mapping[str, str]]:
        """The labels of every namespace, by its name."""
        return {n["metadata"]["name"]: n["metadata"].get("labels", {}) for n in self.of("Namespace")}

    def _events_by_object(self) -> dict[Entity, list[Manifest]]:
        found: dict[Entity, list[Manifest]] = defaultdict(list)
        for item in self.of("Event"):
            about = item.get("involvedObject") or {}
            if about.get("kind") and about.get("name"):
                entity = Entity(kind=about["kind"], namespace=about.get("namespace", ""), name=about["name"])
                found[entity].append(item)
        return dict(found)

    def _by_labels(self, pod: Manifest) -> tuple[str, str] | None:
        """The workload whose selector selects a pod, for when its ReplicaSet was not read."""
        labels = pod["metadata"].get("labels", {})
        for workload in self.workloads(pod["metadata"].get("namespace", "")):
            if matches(workload["spec"].get("selector"), labels):
                return workload["kind"], workload["metadata"]["name"]
        return None

    def _pods_by_workload(self) -> dict[Entity, list[Manifest]]:
        pods: dict[Entity, list[Manifest]] = defaultdict(list)
        for pod in self.of("Pod"):
            owner = self.workload(pod)
            if owner is not None and not _leaving(pod):
                pods[owner].append(pod)
        return dict(pods)


def pod_template(workload: Manifest) -> Manifest:
    """The pod template of a workload, ReplicaSet or revision of a StatefulSet or DaemonSet."""
    holder = workload.get("data") or {} if workload.get("kind") == "ControllerRevision" else workload
    template: Manifest = holder.get("spec", {}).get("template", {})
    return {key: value for key, value in template.items() if key != "$patch"} if holder is not workload else template


def template_labels(workload: Manifest) -> dict[str, str]:
    """The labels that a workload's pods get."""
    labels: dict[str, str] = pod_template(workload).get("metadata", {}).get("labels", {})
    return labels


def containers(workload: Manifest) -> list[Manifest]:
    """The containers of a workload's pod template."""
    found: list[Manifest] = pod_template(workload).get("spec", {}).get("containers", [])
    return found


def container_of(template: Manifest, name: str) -> Manifest | None:
    """The container of this name in a pod template."""
    return next((c for c in template.get("spec", {}).get("containers", []) if c.get("name") == name), None)


def service_account(workload: Manifest) -> str:
    """The name of the service account as which a workload's pods run."""
    spec = pod_template(workload).get("spec", {})
    return str(spec.get("serviceAccountName") or "default")


def uses_config(workload: Manifest, config: Entity) -> bool:
    """Does a workload read this ConfigMap or Secret, by environment or by volume?"""
    small = "configMap" if config.kind == "ConfigMap" else "secret"
    key = "name" if config.kind == "ConfigMap" else "secretName"
    for volume in pod_template(workload).get("spec", {}).get("volumes", []):
        if volume.get(small, {}).get(key) == config.name:
            return True
    for container in containers(workload):
        sources = [e.get("valueFrom", {}).get(f"{small}KeyRef", {}) for e in container.get("env", [])]
        sources += [e.get(f"{small}Ref", {}) for e in container.get("envFrom", [])]
        if any(source.get("name") == config.name for source in sources):
            return True
    return False


def waiting(state: ClusterState, reasons: frozenset[str]) -> Iterator[tuple[Manifest, str, Manifest]]:
    """(pod, container, `state.waiting`) of every container that waits for one of these reasons."""
    for pod in state.of("Pod"):
        for status in statuses(pod):
            told = status.get("state", {}).get("waiting", {})
            if told.get("reason") in reasons:
                yield pod, status["name"], told


def statuses(pod: Manifest) -> list[Manifest]:
    """Status of a pod's init containers and containers."""
    status = pod.get("status", {})
    return [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]


def is_ready(pod: Manifest) -> bool:
    """Does the pod's `Ready` condition hold?"""
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod.get("status", {}).get("conditions", []))


def _cluster_ips(service: Manifest) -> list[str]:
    """Both families' addresses; a headless Service has none."""
    spec = service.get("spec", {})
    return [ip for ip in spec.get("clusterIPs") or [spec.get("clusterIP")] if ip and ip != "None"]


def _leaving(pod: Manifest) -> bool:
    return "deletionTimestamp" in pod["metadata"]


def _count(item: Manifest) -> int:
    return int(item.get("revision", 0))


def _revision(item: Manifest) -> int:
    text = item["metadata"].get("annotations", {}).get(REVISION, "0")
    return int(text) if text.isdigit() else 0
