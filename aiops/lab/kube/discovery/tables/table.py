"""A table of objects: its columns by kind, its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.custom.columns import cell_of
from aiops.lab.kube.discovery.tables import cluster, network, order, storage, workloads
from aiops.lab.kube.discovery.tables.columns import AGE, CREATED_AT, NAME, Column
from aiops.lab.kube.discovery.tables.durations import human
from aiops.lab.kube.discovery.tables.pods import POD, row_conditions
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.resources import Resource

COLUMNS: dict[str, tuple[Column, ...]] = {
    "Pod": POD,
    "PodTemplate": workloads.POD_TEMPLATE,
    "Deployment": workloads.DEPLOYMENT,
    "ReplicaSet": workloads.REPLICA_SET,
    "ReplicationController": workloads.REPLICATION_CONTROLLER,
    "StatefulSet": workloads.STATEFUL_SET,
    "DaemonSet": workloads.DAEMON_SET,
    "Job": workloads.JOB,
    "CronJob": workloads.CRON_JOB,
    "ControllerRevision": workloads.CONTROLLER_REVISION,
    "HorizontalPodAutoscaler": workloads.HORIZONTAL_POD_AUTOSCALER,
    "PodDisruptionBudget": workloads.POD_DISRUPTION_BUDGET,
    "Service": network.SERVICE,
    "Endpoints": network.ENDPOINTS,
    "EndpointSlice": network.ENDPOINT_SLICE,
    "Ingress": network.INGRESS,
    "IngressClass": network.INGRESS_CLASS,
    "NetworkPolicy": network.NETWORK_POLICY,
    "ServiceCIDR": network.SERVICE_CIDR,
    "IPAddress": network.IP_ADDRESS,
    "PersistentVolume": storage.PERSISTENT_VOLUME,
    "PersistentVolumeClaim": storage.PERSISTENT_VOLUME_CLAIM,
    "StorageClass": storage.STORAGE_CLASS,
    "VolumeAttachment": storage.VOLUME_ATTACHMENT,
    "VolumeAttributesClass": storage.VOLUME_ATTRIBUTES_CLASS,
    "CSINode": storage.CSI_NODE,
    "CSIDriver": storage.CSI_DRIVER,
    "CSIStorageCapacity": storage.CSI_STORAGE_CAPACITY,
    "Node": cluster.NODE,
    "Namespace": cluster.NAMESPACE,
    "Event": cluster.EVENT,
    "ConfigMap": cluster.CONFIG_MAP,
    "Secret": cluster.SECRET,
    "ServiceAccount": cluster.SERVICE_ACCOUNT,
    "Lease": cluster.LEASE,
    "RoleBinding": order.ROLE_BINDING,
    "ClusterRoleBinding": order.CLUSTER_ROLE_BINDING,
    "ResourceQuota": order.RESOURCE_QUOTA,
    "PriorityClass": order.PRIORITY_CLASS,
    "RuntimeClass": order.RUNTIME_CLASS,
    "CertificateSigningRequest": order.CERTIFICATE_SIGNING_REQUEST,
    "MutatingWebhookConfiguration": order.WEBHOOKS,
    "ValidatingWebhookConfiguration": order.WEBHOOKS,
    "ValidatingAdmissionPolicy": order.VALIDATING_POLICY,
    "MutatingAdmissionPolicy": order.MUTATING_POLICY,
    "ValidatingAdmissionPolicyBinding": order.POLICY_BINDING,
    "MutatingAdmissionPolicyBinding": order.POLICY_BINDING,
    "FlowSchema": order.FLOW_SCHEMA,
    "PriorityLevelConfiguration": order.PRIORITY_LEVEL,
    "ComponentStatus": order.COMPONENT_STATUS,
    "APIService": order.API_SERVICE,
    "DeviceClass": (NAME, AGE),
    "ResourceClaim": order.RESOURCE_CLAIM,
    "ResourceClaimTemplate": (NAME, AGE),
    "ResourceSlice": order.RESOURCE_SLICE,
}
"""The columns of built-in kinds."""

_DEFAULT = (NAME, CREATED_AT)
_INCLUDED = ("", "Metadata", "Object", "None")


def columns_of(resource: Resource) -> tuple[Column, ...]:
    """The columns of a kind; of one without any of its own its name and when it was made."""
    if resource.custom is None:
        return COLUMNS.get(resource.shelf, _DEFAULT)
    return (NAME, *(_custom(column) for column in resource.custom.columns))


_BY_PATH = "Custom resource definition column (in JSONPath format): "


def _custom(column: dict[str, Any]) -> Column:
    """A printer column of a CustomResourceDefinition."""
    description = column.get("description") or f"{_BY_PATH}{column['jsonPath']}"
    return Column(
        column["name"], cell_of(column, human), description, bool(column.get("priority")),
        column.get("type", "string"), column.get("format", ""),
    )  # fmt: skip


def check_included(include: str) -> None:
    """Refuse an `includeObject` that there is not. Raises 400."""
    if include not in _INCLUDED:
        why = f"includeObject: Invalid value: \"{include}\": must be 'Metadata', 'Object', 'None', or empty"
        raise ApiError(400, "BadRequest", f"Unable to convert to Table as requested: {why}")


def table(
    columns: Sequence[Column],
    items: Sequence[Manifest],
    now: float,
    *,
    include: str = "",
    metadata: dict[str, Any] | None = None,
    version: str = "v1",
    heading: bool = True,
) -> Manifest:
    """A `Table` of objects. `include` is what a row brings of its object; `metadata` is that of the list; the later
    tables of a watch have no `heading`."""
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": metadata or {},
        "columnDefinitions": [column.definition() for column in columns] if heading else None,
        "rows": [_row(columns, item, now, include, version) for item in items],
    }


def _row(columns: Sequence[Column], item: Manifest, now: float, include: str, version: str) -> dict[str, Any]:
    row: dict[str, Any] = {"cells": [column.cell(item, now) for column in columns]}
    if columns is POD and (conditions := row_conditions(item)):
        row["conditions"] = conditions
    if include == "None":
        row["object"] = None
    else:
        row["object"] = item if include == "Object" else metadata_of(item, version)
    return row


def metadata_of(item: Manifest, version: str = "v1") -> Manifest:
    """An object without all but its metadata."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": item.get("metadata") or {},
    }
