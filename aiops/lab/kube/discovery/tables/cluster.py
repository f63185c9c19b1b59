"""The columns of nodes, namespaces, events, and of what keeps order in a cluster: rights, quotas, classes, webhooks."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.discovery.tables.columns import AGE, NAME, NAMED, Cell, Column, count, number, path
from aiops.lab.kube.discovery.tables.durations import human, since
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


def _role(item: Manifest, _now: float) -> str:
    return f"{item['roleRef'].get('kind', '')}/{item['roleRef'].get('name', '')}"


def _subjects(kind: str) -> Cell:
    def read(item: Manifest, _now: float) -> str:
        found = [subject for subject in item.get("subjects") or () if subject.get("kind") == kind]
        if kind == "ServiceAccount":
            return ", ".join(f"{each.get('namespace', '')}/{each['name']}" for each in found)
        return ", ".join(each["name"] for each in found)

    return read


def _binding(kind: str, role: str) -> tuple[Column, ...]:
    where = f"{kind[0].lower()}{kind[1:]}"
    return (
        NAME,
        Column("Role", _role, f"{role} {_UNRESOLVED}"),
        AGE,
        Column("Users", _subjects("User"), f"Users in the {where}", wide=True),
        Column("Groups", _subjects("Group"), f"Groups in the {where}", wide=True),
        Column("ServiceAccounts", _subjects("ServiceAccount"), f"ServiceAccounts in the {where}", wide=True),
    )


_UNRESOLVED = "If the RoleRef cannot be resolved, the Authorizer must return an error."
ROLE_BINDING = _binding(
    "RoleBinding",
    "RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace.",
)
CLUSTER_ROLE_BINDING = _binding(
    "ClusterRoleBinding", "RoleRef can only reference a ClusterRole in the global namespace."
)


def _amounts(limits: bool) -> Cell:
    def read(item: Manifest, _now: float) -> str:
        status = item.get("status") or {}
        used = status.get("used") or {}
        return ", ".join(
            f"{name}: {used.get(name, '0')}/{hard}"
            for name, hard in sorted((status.get("hard") or {}).items())
            if name.startswith("limits.") is limits
        )

    return read


RESOURCE_QUOTA = (
    NAME,
    Column("Request", _amounts(limits=False),
           "Request represents a minimum amount of cpu/memory that a container may consume."),
    Column("Limit", _amounts(limits=True), "Limits control the maximum amount of cpu/memory that a container may use "
           "independent of contention on the node."),
    AGE,
)  # fmt: skip

PRIORITY_CLASS = (
    NAME,
    Column("Value", number("value"), "scheduling/v1.PriorityClass:value", type="integer"),
    Column("Global-Default", path("globalDefault", missing=False), "scheduling/v1.PriorityClass:globalDefault",
           type="boolean"),
    AGE,
    Column("PreemptionPolicy", path("preemptionPolicy", missing=""), "scheduling/v1.PriorityClass:preemptionPolicy"),
)  # fmt: skip

RUNTIME_CLASS = (NAME, Column("Handler", path("handler", missing="")), AGE)


def _request_state(item: Manifest, _now: float) -> str:
    status = item.get("status") or {}
    types = {entry["type"] for entry in status.get("conditions") or ()}
    word = "Denied" if "Denied" in types else "Approved" if "Approved" in types else "Pending"
    return word + (",Failed" if "Failed" in types else "") + (",Issued" if status.get("certificate") else "")


def _requested(item: Manifest, _now: float) -> str:
    seconds = item["spec"].get("expirationSeconds")
    return "<none>" if seconds is None else human(seconds)


_REQUEST = "certificates/v1.CertificateSigningRequest"
CERTIFICATE_SIGNING_REQUEST = (
    NAME,
    AGE,
    Column("SignerName", path("spec", "signerName"), f"{_REQUEST}Spec:signerName"),
    Column("Requestor", path("spec", "username", missing=""), f"{_REQUEST}Spec:request"),
    Column("RequestedDuration", _requested, f"{_REQUEST}Spec:expirationSeconds"),
    Column("Condition", _request_state, f"{_REQUEST}Status:conditions"),
)

WEBHOOKS = (
    NAME,
    Column("Webhooks", count("webhooks"), "Webhooks indicates the number of webhooks registered in this configuration",
           type="integer"),
    AGE,
)  # fmt: skip


def _param_kind(item: Manifest, _now: float) -> str:
    found = (item.get("spec") or {}).get("paramKind")
    return f"{found['apiVersion']}/{found['kind']}" if found else "<unset>"


def _policy(name: str, field: str, said: str) -> tuple[Column, ...]:
    text = "ParamKind specifies the kind of resources used to parameterize this policy"
    column = Column(name, count("spec", field), said, type="integer")
    return (NAME, column, Column("ParamKind", _param_kind, text), AGE)


VALIDATING_POLICY = _policy(
    "Validations", "validations", "Validations indicates the number of validation rules defined in this configuration"
)
MUTATING_POLICY = _policy(
    "Mutations", "mutations", "Mutation indicates the number of mutations rules defined in this configuration"
)


def _param_ref(item: Manifest, _now: float) -> str:
    found: dict[str, Any] = (item.get("spec") or {}).get("paramRef") or {}
    return f"{found.get('namespace') or '*'}/{found['name']}" if found.get("name") else "<unset>"


POLICY_BINDING = (
    NAME,
    Column("PolicyName", path("spec", "policyName", missing=""),
           "PolicyName indicates the policy definition which the policy binding binded to"),
    Column("ParamRef", _param_ref, "ParamRef indicates the param resource which sets the configuration param"),
    AGE,
)  # fmt: skip


def _dangling(item: Manifest, _now: float) -> str:
    return str((condition(item, "Dangling") or {}).get("status", "?"))


FLOW_SCHEMA = (
    NAME,
    Column("PriorityLevel", path("spec", "priorityLevelConfiguration", "name", missing=""),
           "flowcontrol/v1.PriorityLevelConfigurationReference:name"),
    Column("MatchingPrecedence", number("spec", "matchingPrecedence"),
           "flowcontrol/v1.FlowSchemaSpec:matchingPrecedence"),
    Column("DistinguisherMethod", path("spec", "distinguisherMethod", "type"),
           "flowcontrol/v1.FlowSchemaSpec:distinguisherMethod"),
    AGE,
    Column("MissingPL", _dangling, "references a broken or non-existent PriorityLevelConfiguration"),
)  # fmt: skip


def _queuing(name: str, field: str) -> Column:
    cell = path("spec", "limited", "limitResponse", "queuing", field)
    return Column(name, cell, f"flowcontrol/v1.QueuingConfiguration:{field}")


PRIORITY_LEVEL = (
    NAME,
    Column("Type", path("spec", "type", missing=""), "flowcontrol/v1.PriorityLevelConfigurationSpec:type"),
    Column("NominalConcurrencyShares", path("spec", "limited", "nominalConcurrencyShares"),
           "flowcontrol/v1.LimitedPriorityLevelConfiguration:nominalConcurrencyShares"),
    _queuing("Queues", "queues"),
    _queuing("HandSize", "handSize"),
    _queuing("QueueLengthLimit", "queueLengthLimit"),
    AGE,
)  # fmt: skip


def _healthy(field: str) -> Cell:
    def read(item: Manifest, _now: float) -> str:
        entry = next((each for each in item.get("conditions") or () if each["type"] == "Healthy"), None)
        if field == "status":
            return "Unknown" if entry is None else "Healthy" if entry["status"] == "True" else "Unhealthy"
        return str((entry or {}).get(field) or "")

    return read


COMPONENT_STATUS = (
    NAME,
    Column("Status", _healthy("status"), "Status of the component conditions"),
    Column("Message", _healthy("message"), "Message of the component conditions"),
    Column("Error", _healthy("error"), "Error of the component conditions"),
)


def _served_by(item: Manifest, _now: float) -> str:
    service = (item.get("spec") or {}).get("service")
    return f"{service['namespace']}/{service['name']}" if service else "Local"


def _available(item: Manifest, _now: float) -> str:
    found = condition(item, "Available")
    if found is None:
        return "Unknown"
    return found["status"] if found["status"] == "True" else f"{found['status']} ({found.get('reason', '')})"


API_SERVICE = (
    NAME,
    Column("Service", _served_by, "The reference to the service that hosts this API endpoint."),
    Column("Available", _available, "Whether this service is available."),
    AGE,
)


def _claim_state(item: Manifest, _now: float) -> str:
    status = item.get("status") or {}
    states = ["deleted"] if "deletionTimestamp" in item["metadata"] else []
    if not status.get("allocation"):
        return ",".join(states or ["pending"])
    return ",".join([*states, "allocated", *(["reserved"] if status.get("reservedFor") else [])])


RESOURCE_CLAIM = (
    NAME,
    Column("State", _claim_state, "A summary of the current state (allocated, pending, reserved, etc.)."),
    AGE,
)
RESOURCE_SLICE = (
    NAME,
    Column("Node", path("spec", "nodeName", missing=""), "resource/v1.ResourceSliceSpec:nodeName"),
    Column("Driver", path("spec", "driver", missing=""), "resource/v1.ResourceSliceSpec:driver"),
    Column("Pool", path("spec", "pool", "name", missing=""), "resource/v1.ResourcePool:name"),
    AGE,
)
