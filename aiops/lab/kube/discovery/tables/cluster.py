"""The columns of nodes, namespaces, events, and of small things: configuration, secrets, accounts, leases."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.kube.discovery.tables.columns import AGE, NAME, NAMED, Cell, Column, count, path
from aiops.lab.kube.discovery.tables.durations import since
from aiops.lab.kube.objects import condition, labels_of

_ROLE_LABEL, _OLD_ROLE = "node-role.kubernetes.io/", "kubernetes.io/role"


def _node_status(node: Manifest, _now: float) -> str:
    ready = condition(node, "Ready")
    word = "Unknown" if ready is None else "Ready" if ready.get("status") == "True" else "NotReady"
    return f"{word},SchedulingDisabled" if (node.get("spec") or {}).get("unschedulable") else word


def _roles(node: Manifest, _now: float) -> str:
    labels = labels_of(node)
    roles = {key.removeprefix(_ROLE_LABEL) for key in labels if key.startswith(_ROLE_LABEL)}
    return ",".join(sorted((roles | {labels.get(_OLD_ROLE, "")}) - {""})) or "<none>"


def _address(kind: str) -> Cell:
    def read(node: Manifest, _now: float) -> str:
        addresses = (node.get("status") or {}).get("addresses") or ()
        return next((entry["address"] for entry in addresses if entry["type"] == kind), "<none>")

    return read


def _info(field: str, missing: str = "<unknown>") -> Cell:
    return path("status", "nodeInfo", field, missing=missing)


def _kernel(node: Manifest, now: float) -> str:
    architecture = _info("architecture", "")(node, now)
    return str(_info("kernelVersion")(node, now)) + (f" ({architecture})" if architecture else "")


NODE = (
    NAME,
    Column("Status", _node_status, "The status of the node"),
    Column("Roles", _roles, "The roles of the node"),
    AGE,
    Column("Version", _info("kubeletVersion", ""), "core/v1.NodeSystemInfo:kubeletVersion"),
    Column("Internal-IP", _address("InternalIP"), "core/v1.NodeStatus:addresses", wide=True),
    Column("External-IP", _address("ExternalIP"), "core/v1.NodeStatus:addresses", wide=True),
    Column("OS-Image", _info("osImage"), "core/v1.NodeSystemInfo:osImage", wide=True),
    Column("Kernel-Version", _kernel, "core/v1.NodeSystemInfo:kernelVersion", wide=True),
    Column("Container-Runtime", _info("containerRuntimeVersion"), "core/v1.NodeSystemInfo:containerRuntimeVersion",
           wide=True),
)  # fmt: skip

NAMESPACE = (NAME, Column("Status", path("status", "phase", missing=""), "The status of the namespace"), AGE)


def _first_seen(event: Manifest, now: float) -> str:
    return since(event.get("firstTimestamp") or event.get("eventTime"), now)


def _last_seen(event: Manifest, now: float) -> str:
    if series := event.get("series"):
        return since(series.get("lastObservedTime"), now)
    last = event.get("lastTimestamp")
    return since(last, now) if last else _first_seen(event, now)


def _times(event: Manifest, _now: float) -> int:
    series = event.get("series")
    return int((series or event).get("count") or (0 if series else 1))


def _involved(event: Manifest, _now: float) -> str:
    found = event.get("involvedObject") or {}
    kind = str(found.get("kind", "")).lower()
    return f"{kind}/{found['name']}" if found.get("name") else kind


def _source(event: Manifest, _now: float) -> str:
    source = event.get("source") or {}
    component = source.get("component") or event.get("reportingComponent") or ""
    host = source.get("host") or event.get("reportingInstance") or ""
    return f"{component}, {host}" if host else component


def _of_event(name: str, field: str, cell: Cell, *, said: str = "", wide: bool = False) -> Column:
    return Column(name, cell, said or f"core/v1.Event:{field}", wide=wide)


_REPORTER = "The component reporting this event. Should be a short machine understandable string."
EVENT = (
    _of_event("Last Seen", "lastTimestamp", _last_seen),
    _of_event("Type", "type", path("type", missing="")),
    _of_event("Reason", "reason", path("reason", missing="")),
    _of_event("Object", "involvedObject", _involved, said="The object that this event is about."),
    Column(
        "Subobject", path("involvedObject", "fieldPath", missing=""), "core/v1.ObjectReference:fieldPath", wide=True
    ),
    _of_event("Source", "source", _source, said=_REPORTER, wide=True),
    _of_event("Message", "message", lambda event, _now: str(event.get("message") or "").strip()),
    _of_event("First Seen", "firstTimestamp", _first_seen, wide=True),
    _of_event("Count", "count", _times, wide=True),
    Column("Name", NAME.cell, NAMED, wide=True, format="name"),
)

CONFIG_MAP = (
    NAME,
    Column("Data", lambda item, _now: len(item.get("data") or ()) + len(item.get("binaryData") or ()),
           "core/v1.ConfigMap:data"),
    AGE,
)  # fmt: skip
SECRET = (
    NAME,
    Column("Type", path("type", missing=""), "core/v1.Secret:type"),
    Column("Data", count("data"), "core/v1.Secret:data"),
    AGE,
)
SERVICE_ACCOUNT = (NAME, AGE)
LEASE = (NAME, Column("Holder", path("spec", "holderIdentity", missing=""), "coordination/v1.LeaseSpec:holderIdentity"),
         AGE)  # fmt: skip
