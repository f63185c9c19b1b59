"""What kube-controller-manager's metrics call the queues of its controllers. Source: the controllers' own code."""

from __future__ import annotations

from aiops.lab.control.access.account_tokens import AccountTokens
from aiops.lab.control.access.certificate_signer import CertificateSigner
from aiops.lab.control.access.policy_status import PolicyStatus
from aiops.lab.control.access.role_aggregation import RoleAggregation
from aiops.lab.control.controller import Controller
from aiops.lab.control.disruption.budgets import DisruptionController
from aiops.lab.control.housekeeping.finished_jobs import FinishedJobs
from aiops.lab.control.housekeeping.garbage import GarbageCollector
from aiops.lab.control.housekeeping.namespace_contents import DefaultAccounts, RootAuthority
from aiops.lab.control.housekeeping.namespaces import NamespaceController
from aiops.lab.control.network.endpoints import EndpointsController
from aiops.lab.control.network.mirroring import EndpointSliceMirroringController
from aiops.lab.control.network.slices import EndpointSliceController
from aiops.lab.control.nodes.lifecycle import NodeLifecycleController
from aiops.lab.control.nodes.pod_gc import PodGarbageCollector
from aiops.lab.control.nodes.taint_eviction import TaintEvictionController
from aiops.lab.control.quota.recount import QuotaController
from aiops.lab.control.scaling.autoscaler import HorizontalController
from aiops.lab.control.volumes.binder import PersistentVolumeBinder
from aiops.lab.control.volumes.protection import PvcProtectionController, PvProtectionController
from aiops.lab.control.workloads.cronjob import CronJobController
from aiops.lab.control.workloads.daemonset import DaemonSetController
from aiops.lab.control.workloads.deployment import DeploymentController
from aiops.lab.control.workloads.job import JobController
from aiops.lab.control.workloads.replicaset import ReplicaSetController
from aiops.lab.control.workloads.statefulset import StatefulSetController

_NAMES: dict[type[Controller], str] = {
    NodeLifecycleController: "node_lifecycle_controller",
    TaintEvictionController: "noexec_taint_pod",
    PodGarbageCollector: "orphaned_pods_nodes",
    NamespaceController: "namespace",
    DefaultAccounts: "serviceaccount",
    RootAuthority: "root_ca_cert_publisher",
    DeploymentController: "deployment",
    ReplicaSetController: "replicaset",
    StatefulSetController: "statefulset",
    DaemonSetController: "daemonset",
    JobController: "job",
    CronJobController: "cronjob",
    FinishedJobs: "ttl_jobs_to_delete",
    PersistentVolumeBinder: "claims",
    PvcProtectionController: "pvcprotection",
    PvProtectionController: "pvprotection",
    HorizontalController: "horizontalpodautoscaler",
    EndpointSliceController: "endpoint_slice",
    EndpointsController: "endpoint",
    EndpointSliceMirroringController: "endpoint_slice_mirroring",
    DisruptionController: "disruption",
    GarbageCollector: "garbage_collector_attempt_to_delete",
    RoleAggregation: "ClusterRoleAggregator",
    CertificateSigner: "certificate",
    AccountTokens: "serviceaccount_tokens_secret",
    PolicyStatus: "validatingadmissionpolicy-status",
    QuotaController: "resourcequota_primary",
}


def queue_name(controller: Controller) -> str:
    """Empty for what is no controller of kube-controller-manager."""
    if controller.account == "replication-controller":
        return "replicationmanager"
    return _NAMES.get(type(controller), "")
