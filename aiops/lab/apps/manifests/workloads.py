"""Deployments, StatefulSets, DaemonSets, Jobs and CronJobs."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.apps.manifests.parts import bare, labels_of
from aiops.lab.apps.manifests.pods import claim, pod_template
from aiops.lab.apps.model import Application

_API = {"Job": "batch/v1", "CronJob": "batch/v1"}


def workload_objects(application: Application, name: str) -> list[Manifest]:
    """A workload, after the claims that its pods share."""
    workload, place = application.workloads[name], application.namespace_of(name)
    made = bare(_API.get(workload.kind, "apps/v1"), workload.kind, place, name)
    made["metadata"]["labels"] = labels_of(application, name)
    made["spec"] = _SPECS[workload.kind](application, name)
    claims = {v: volume for v, volume in workload.volumes.items() if volume.claim and not volume.host}
    if workload.kind == "StatefulSet":
        if claims:
            made["spec"]["volumeClaimTemplates"] = [claim("", v, volume) for v, volume in claims.items()]
        return [made]
    return [*(claim(place, f"{name}-{v}", volume) for v, volume in claims.items()), made]


def _deployment(application: Application, name: str) -> dict[str, Any]:
    return {
        "replicas": application.workloads[name].replicas,
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 120,
        "selector": {"matchLabels": {"app": name}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
        "template": pod_template(application, name),
    }


def _statefulset(application: Application, name: str) -> dict[str, Any]:
    workload = application.workloads[name]
    return {
        "replicas": workload.replicas,
        "serviceName": workload.service or name,
        "podManagementPolicy": "OrderedReady",
        "selector": {"matchLabels": {"app": name}},
        "updateStrategy": {"type": "RollingUpdate"},
        "template": pod_template(application, name),
    }


def _daemonset(application: Application, name: str) -> dict[str, Any]:
    return {
        "selector": {"matchLabels": {"app": name}},
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
        "template": pod_template(application, name),
    }


def _job(application: Application, name: str) -> dict[str, Any]:
    count = application.workloads[name].replicas
    template = pod_template(application, name)
    template["spec"]["restartPolicy"] = "OnFailure"
    return {
        "completions": count,
        "parallelism": count,
        "completionMode": "Indexed",
        "backoffLimit": 6,
        "template": template,
    }


def _cronjob(application: Application, name: str) -> dict[str, Any]:
    return {
        "schedule": application.workloads[name].schedule,
        "concurrencyPolicy": "Forbid",
        "successfulJobsHistoryLimit": 2,
        "failedJobsHistoryLimit": 1,
        "jobTemplate": {"spec": {**_job(application, name), "completionMode": "NonIndexed", "backoffLimit": 2}},
    }


_SPECS = {
    "Deployment": _deployment,
    "StatefulSet": _statefulset,
    "DaemonSet": _daemonset,
    "Job": _job,
    "CronJob": _cronjob,
}
