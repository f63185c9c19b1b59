"""The columns of workloads: how many pods are asked for, and how many there are."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.discovery.tables.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    labels_text,
    number,
    path,
    selector_cell,
    template_columns,
)
from aiops.lab.kube.discovery.tables.durations import human, since
from aiops.lab.kube.objects import condition_is, controller_of, deleting


def _ready(item: Manifest, _now: float) -> str:
    return f"{(item.get('status') or {}).get('readyReplicas', 0)}/{item['spec'].get('replicas', 0)}"


def _selector(item: Manifest, _now: float) -> str:
    return selector_cell(item["spec"].get("selector"))


def _plain_selector(item: Manifest, _now: float) -> str:
    return labels_text(item["spec"].get("selector"))


def _node_selector(item: Manifest, _now: float) -> str:
    return labels_text(item["spec"]["template"]["spec"].get("nodeSelector"))


_MATCHES = "It must match the pod template's labels."
_SELECTORS = "More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors"
_OF_A_JOB = (
    "A label query over pods that should match the pod count. Normally, the system sets this field for you. "
    f"{_SELECTORS}"
)


def _replicas(kind: str, status: str, selector: Cell, selected: str) -> tuple[Column, ...]:
    """The columns of what keeps a number of pods; `kind` and `status` are types of the table."""
    return (
        NAME,
        Column("Desired", number("spec", "replicas"), f"{kind}:replicas", type="integer"),
        Column("Current", number("status", "replicas"), f"{status}:replicas", type="integer"),
        Column("Ready", number("status", "readyReplicas"), f"{status}:readyReplicas", type="integer"),
        AGE,
        *template_columns(),
        Column("Selector", selector, selected, wide=True),
    )


DEPLOYMENT = (
    NAME,
    Column("Ready", _ready, "Number of the pod with ready state"),
    Column("Up-to-date", number("status", "updatedReplicas"), "apps/v1.DeploymentStatus:updatedReplicas"),
    Column("Available", number("status", "availableReplicas"), "apps/v1.DeploymentStatus:availableReplicas"),
    AGE,
    *template_columns(),
    Column(
        "Selector",
        _selector,
        "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be "
        f"the ones affected by this deployment. {_MATCHES}",
        wide=True,
    ),
)
REPLICA_SET = _replicas(
    "apps/v1.ReplicaSetSpec",
    "apps/v1.ReplicaSetStatus",
    _selector,
    "Selector is a label query over pods that should match the replica count. Label keys and values that must match in "
    f"order to be controlled by this replica set. {_MATCHES} {_SELECTORS}",
)
_CONTROLLER = "core/v1.ReplicationController"
REPLICATION_CONTROLLER = _replicas(
    f"{_CONTROLLER}Spec", f"{_CONTROLLER}Status", _plain_selector, f"{_CONTROLLER}Spec:selector"
)
STATEFUL_SET = (NAME, Column("Ready", _ready, "Number of the pod with ready state"), AGE, *template_columns())


def _daemons(name: str, field: str) -> Column:
    return Column(name, number("status", field), f"apps/v1.DaemonSetStatus:{field}", type="integer")


DAEMON_SET = (
    NAME,
    _daemons("Desired", "desiredNumberScheduled"),
    _daemons("Current", "currentNumberScheduled"),
    _daemons("Ready", "numberReady"),
    _daemons("Up-to-date", "updatedNumberScheduled"),
    _daemons("Available", "numberAvailable"),
    Column("Node Selector", _node_selector, "core/v1.PodSpec:nodeSelector"),
    AGE,
    *template_columns(),
    Column(
        "Selector",
        _selector,
        "A label query over pods that are managed by the daemon set. Must match in order to be "
        f"controlled. {_MATCHES} {_SELECTORS}",
        wide=True,
    ),
)

_STATES = (("Complete", "Complete"), ("Failed", "Failed"), ("", "Terminating"), ("Suspended", "Suspended"),
           ("FailureTarget", "FailureTarget"), ("SuccessCriteriaMet", "SuccessCriteriaMet"))  # fmt: skip
"""(condition, what is shown), the first that holds."""


def _job_status(job: Manifest, _now: float) -> str:
    for condition, word in _STATES:
        if condition_is(job, condition) if condition else deleting(job):
            return word
    return "Running"


def _completions(job: Manifest, _now: float) -> str:
    spec, done = job["spec"], (job.get("status") or {}).get("succeeded", 0)
    if spec.get("completions") is not None:
        return f"{done}/{spec['completions']}"
    parallel = spec.get("parallelism") or 0
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def _took(job: Manifest, now: float) -> str:
    status = job.get("status") or {}
    start, end = status.get("startTime"), status.get("completionTime")
    if not start:
        return ""
    return human((from_rfc3339(end) if end else now) - from_rfc3339(start))


JOB = (
    NAME,
    Column("Status", _job_status, "Status of the job."),
    Column("Completions", _completions, "batch/v1.JobStatus:succeeded"),
    Column("Duration", _took, "Time required to complete the job."),
    AGE,
    *template_columns(),
    Column("Selector", _selector, _OF_A_JOB, wide=True),
)


def _suspended(item: Manifest, _now: float) -> str:
    value = item["spec"].get("suspend")
    return "<unset>" if value is None else str(value)


def _last_schedule(item: Manifest, now: float) -> str:
    moment = (item.get("status") or {}).get("lastScheduleTime")
    return since(moment, now) if moment else "<none>"


def _active(item: Manifest, _now: float) -> int:
    return len((item.get("status") or {}).get("active") or ())


def _job_selector(item: Manifest, _now: float) -> str:
    return selector_cell(item["spec"]["jobTemplate"]["spec"].get("selector"))


CRON_JOB = (
    NAME,
    Column("Schedule", path("spec", "schedule"), "batch/v1.CronJobSpec:schedule"),
    Column("Timezone", path("spec", "timeZone"), "batch/v1.CronJobSpec:timeZone"),
    Column("Suspend", _suspended, "batch/v1.CronJobSpec:suspend", type="boolean"),
    Column("Active", _active, "batch/v1.CronJobStatus:active", type="integer"),
    Column("Last Schedule", _last_schedule, "batch/v1.CronJobStatus:lastScheduleTime"),
    AGE,
    *template_columns("spec", "jobTemplate", "spec", "template", "spec"),
    Column("Selector", _job_selector, _OF_A_JOB, wide=True),
)


def _controller(item: Manifest, _now: float) -> str:
    owner = controller_of(item)
    if owner is None:
        return "<none>"
    group = owner["apiVersion"].rpartition("/")[0]
    kind = f"{owner['kind']}.{group}" if group else owner["kind"]
    return f"{kind.lower()}/{owner['name']}"


CONTROLLER_REVISION = (
    NAME,
    Column("Controller", _controller, "Controller of the object"),
    Column("Revision", number("revision"), "apps/v1.ControllerRevision:revision"),
    AGE,
)


def _template_labels(item: Manifest, _now: float) -> str:
    return labels_text((item["template"].get("metadata") or {}).get("labels"))


POD_TEMPLATE = (
    NAME,
    Column("Containers", template_columns("template", "spec")[0].cell, "Names of each container in the template."),
    Column("Images", template_columns("template", "spec")[1].cell,
           "Images referenced by each container in the template."),
    Column("Pod Labels", _template_labels, "The labels for the pod template."),
)  # fmt: skip

SCALE = (
    Column("Name", NAME.cell, NAME.said),
    Column("Desired", number("spec", "replicas"), "autoscaling/v1.ScaleSpec:replicas", type="integer"),
    Column("Available", number("status", "replicas"), "autoscaling/v1.ScaleStatus:replicas", type="integer"),
    AGE,
)

_MOST_METRICS = 2


def _targets(item: Manifest, _now: float) -> str:
    specs = item["spec"].get("metrics") or []
    if not specs:
        return "<none>"
    statuses = (item.get("status") or {}).get("currentMetrics") or []
    told = [_target(spec, statuses[i] if i < len(statuses) else {}) for i, spec in enumerate(specs)]
    text = ", ".join(told[:_MOST_METRICS])
    return f"{text} + {len(told) - _MOST_METRICS} more..." if len(told) > _MOST_METRICS else text


def _target(spec: dict[str, Any], status: dict[str, Any]) -> str:
    """One metric as `cpu: 10%/50%`."""
    kind = spec.get("type", "")
    field = kind[:1].lower() + kind[1:]
    source = spec.get(field)
    if source is None:
        return "<unknown type>"
    target, current = source.get("target") or {}, (status.get(field) or {}).get("current") or {}
    named = f"{source['name']}: " if field in ("resource", "containerResource") else ""
    if "averageValue" in target:
        shown = f"{named}{current.get('averageValue', '<unknown>')}/{target['averageValue']}"
        return shown if named or field == "pods" else f"{shown} (avg)"
    if named:
        now, wanted = current.get("averageUtilization"), target.get("averageUtilization")
        return f"{named}{'<unknown>' if now is None else f'{now}%'}/{'<auto>' if wanted is None else f'{wanted}%'}"
    return f"{current.get('value', '<unknown>')}/{target.get('value')}"


def _reference(item: Manifest, _now: float) -> str:
    target = item["spec"]["scaleTargetRef"]
    return f"{target['kind']}/{target['name']}"


_HPA = "autoscaling/v2.HorizontalPodAutoscaler"
HORIZONTAL_POD_AUTOSCALER = (
    NAME,
    Column(
        "Reference",
        _reference,
        "scaleTargetRef points to the target resource to scale, and is used to the pods for "
        "which metrics should be collected, as well as to actually change the replica count.",
    ),
    Column("Targets", _targets, f"{_HPA}Spec:metrics"),
    Column("MinPods", lambda item, _now: str(item["spec"].get("minReplicas", "<unset>")), f"{_HPA}Spec:minReplicas"),
    Column("MaxPods", number("spec", "maxReplicas"), f"{_HPA}Spec:maxReplicas"),
    Column("Replicas", number("status", "currentReplicas"), f"{_HPA}Status:currentReplicas"),
    AGE,
)


def _bound(field: str) -> Cell:
    return lambda item, _now: str(item["spec"].get(field, "N/A"))


POD_DISRUPTION_BUDGET = (
    NAME,
    Column("Min Available", _bound("minAvailable"), "The minimum number of pods that must be available."),
    Column("Max Unavailable", _bound("maxUnavailable"), "The maximum number of pods that may be unavailable."),
    Column("Allowed Disruptions", number("status", "disruptionsAllowed"),
           "Calculated number of pods that may be disrupted at this time.", type="integer"),
    AGE,
)  # fmt: skip
