"""The columns of what keeps order in a cluster: rights, quotas, classes, certificates, webhooks, flows, devices."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.discovery.tables.columns import AGE, NAME, Cell, Column, count, number, path
from aiops.lab.kube.discovery.tables.durations import human
from aiops.lab.kube.objects import condition


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
