"""Jobs and CronJobs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import (
    IMMUTABLE,
    invalid_value,
    invalid_whole,
    not_supported,
    required,
    too_many,
)
from aiops.lab.kube.kinds.checks.formats import dns_label
from aiops.lab.kube.kinds.checks.labels import label_selector
from aiops.lab.kube.kinds.checks.numbers import count_field
from aiops.lab.kube.kinds.checks.schedules import parse_schedule
from aiops.lab.kube.kinds.podspec.defaults import template
from aiops.lab.kube.kinds.podspec.spec import pod_template
from aiops.lab.kube.kinds.podspec.warnings import pod_warnings
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules
from aiops.lab.kube.selectors import matches_selector

Spec = dict[str, Any]

NAME_LABELS = ("job-name", "batch.kubernetes.io/job-name")
UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
_COUNTS = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
           "backoffLimitPerIndex", "maxFailedIndexes")  # fmt: skip
_MODES = ("NonIndexed", "Indexed")
_ONLY_INDEXED = ("backoffLimitPerIndex", "maxFailedIndexes")
_NO_LIMIT = 2**31 - 1
_MOST_INDEXED = 100_000
_MOST_RULES = 20
_LONGEST_CRON_NAME = 52
_CONCURRENCY = ("Allow", "Forbid", "Replace")
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_ZONE_PART = re.compile(r"[A-Za-z.\-_0-9+]{1,14}")
_SCHEDULING = ("nodeSelector", "tolerations", "schedulingGates")


@rules("Job")
class JobRules(Rules):
    """As the registry's `jobStrategy`: unless told otherwise, the selector is made from the Job's uid."""

    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        if spec.get("completions") is None and spec.get("parallelism") is None:
            spec["completions"] = 1
        _default_spec(spec)
        spec.setdefault("completionMode", "NonIndexed")
        labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
        if labels and not new["metadata"].get("labels"):
            new["metadata"]["labels"] = labels  # the very map of the template, so that both get the labels below

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {}
        if not new["spec"].get("manualSelector"):
            _generate_selector(new)

    def warnings(self, new: Manifest) -> Iterator[str]:
        return pod_warnings((new["spec"].get("template") or {}).get("spec") or {}, "spec.template")

    def validate(self, new: Manifest) -> Iterator[Cause]:
        yield from _generated_selector(new)
        yield from _whole_spec(new["spec"])
        completions = new["spec"].get("completions")
        if new["spec"].get("completionMode") == "Indexed" and completions:
            name = new["metadata"]["name"]
            host = f"{name}-{completions - 1}"
            if dns_label(host):
                yield invalid_value(
                    "metadata.name", name, f"will not able to create pod with invalid DNS label: {host}"
                )

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        now, before = new["spec"], old["spec"]
        yield from _whole_spec(now)
        yield from _completions(now, before)
        yield from _same(now, before, "selector")
        yield from _template_update(new, old)
        for field in ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"):
            yield from _same(now, before, field)


def _default_spec(spec: Spec) -> None:
    """What a Job and the template of one have in common."""
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", _NO_LIMIT if "backoffLimitPerIndex" in spec else 6)
    spec.setdefault("suspend", False)
    spec.setdefault("podReplacementPolicy", "Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed")
    spec.setdefault("manualSelector", False)
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            pattern["status"] = pattern.get("status") or "True"
    template(spec)


def _generate_selector(new: Manifest) -> None:
    metadata = new["metadata"]
    found = new["spec"].setdefault("template", {}).setdefault("metadata", {})
    shared = found.get("labels") is not None and found.get("labels") == metadata.get("labels")
    made = dict.fromkeys(NAME_LABELS, metadata["name"]) | dict.fromkeys(UID_LABELS, metadata.get("uid", ""))
    found["labels"] = made | (found.get("labels") or {})
    if shared or not metadata.get("labels"):
        metadata["labels"] = dict(found["labels"])
    labels = new["spec"].setdefault("selector", {}).setdefault("matchLabels", {})
    labels.setdefault(UID_LABELS[1], metadata.get("uid", ""))


def _generated_selector(new: Manifest) -> Iterator[Cause]:
    """Labels that the system gives must be its own (`validateGeneratedSelector`)."""
    spec, metadata = new["spec"], new["metadata"]
    if spec.get("manualSelector"):
        return
    if spec.get("selector") is None:
        return
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    path = "spec.template.metadata.labels"
    for name in (*UID_LABELS, *NAME_LABELS):
        wanted = metadata.get("uid", "") if name in UID_LABELS else metadata["name"]
        if name not in labels:
            yield required(f"{path}[{name}]", f"must be '{wanted}'")
        elif labels[name] != wanted:
            yield invalid_value(f"{path}[{name}]", labels, f"must be '{wanted}'")
    wanted_selector = {UID_LABELS[1]: metadata.get("uid", "")}
    if spec["selector"].get("matchExpressions") or spec["selector"].get("matchLabels") != wanted_selector:
        yield invalid_value("spec.selector", spec["selector"], "`selector` not auto-generated")


def _whole_spec(spec: Spec) -> Iterator[Cause]:
    yield from job_spec(spec, "spec")
    selector = spec.get("selector")
    wrong = list(label_selector(selector, "spec.selector"))
    yield from wrong
    if selector is None:
        yield required("spec.selector")
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    if not wrong and (selector is None or not matches_selector(selector, labels or {})):
        why = "`selector` does not match template `labels`"
        yield invalid_value("spec.template.metadata.labels", labels, why)


def job_spec(spec: Spec, path: str) -> Iterator[Cause]:
    """As `validateJobSpec`."""
    for field in _COUNTS:
        yield from count_field(spec, field, path)
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        yield required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    yield from _mode(spec, path)
    if spec.get("podFailurePolicy"):
        yield from _failure_policy(spec, f"{path}.podFailurePolicy")
    if "successPolicy" in spec and spec.get("completionMode") != "Indexed":
        yield invalid_value(f"{path}.successPolicy", spec["successPolicy"], "requires indexed completion mode")
    yield from _replacement(spec, f"{path}.podReplacementPolicy")
    yield from pod_template(spec.get("template"), f"{path}.template")
    restart = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy", "Always")
    where = f"{path}.template.spec.restartPolicy"
    if restart == "Always":
        yield required(where, 'valid values: "OnFailure", "Never"')
    elif restart not in ("OnFailure", "Never"):
        yield not_supported(where, restart, ("OnFailure", "Never"))
    elif spec.get("podFailurePolicy") and restart != "Never":
        yield invalid_value(where, restart, 'only "Never" is supported when podFailurePolicy is specified')


def _mode(spec: Spec, path: str) -> Iterator[Cause]:
    mode, completions = spec.get("completionMode"), spec.get("completions")
    if mode is not None and mode not in _MODES:
        yield not_supported(f"{path}.completionMode", mode, _MODES)
    if mode == "Indexed":
        if completions is None:
            yield required(f"{path}.completions", "when completion mode is Indexed")
        if spec.get("parallelism", 0) > _MOST_INDEXED:
            why = f"must be less than or equal to {_MOST_INDEXED} when completion mode is Indexed"
            yield invalid_value(f"{path}.parallelism", spec["parallelism"], why)
        if completions is not None and spec.get("maxFailedIndexes", 0) > completions:
            why = "must be less than or equal to completions"
            yield invalid_value(f"{path}.maxFailedIndexes", spec["maxFailedIndexes"], why)
    elif mode in (None, "NonIndexed"):
        for field in _ONLY_INDEXED:
            if spec.get(field) is not None:
                yield invalid_value(f"{path}.{field}", spec[field], "requires indexed completion mode")


def _replacement(spec: Spec, path: str) -> Iterator[Cause]:
    policy = spec.get("podReplacementPolicy")
    known = ("Failed",) if spec.get("podFailurePolicy") else ("Failed", "TerminatingOrFailed")
    if policy is not None and policy not in known:
        yield not_supported(path, policy, known)


def _failure_policy(spec: Spec, path: str) -> Iterator[Cause]:
    found = spec["podFailurePolicy"].get("rules") or []
    if len(found) > _MOST_RULES:
        yield too_many(f"{path}.rules", len(found), _MOST_RULES)
    pod = (spec.get("template") or {}).get("spec") or {}
    names = [c.get("name") for field in ("containers", "initContainers") for c in pod.get(field) or ()]
    for index, rule in enumerate(found):
        yield from _failure_rule(rule, spec, f"{path}.rules[{index}]", names)


def _failure_rule(rule: Spec, spec: Spec, path: str, names: list[Any]) -> Iterator[Cause]:
    action, codes, conditions = rule.get("action", ""), rule.get("onExitCodes"), rule.get("onPodConditions")
    if not action:
        yield required(f"{path}.action", f"valid values: {list(_ACTIONS)}".replace("'", '"').replace(",", ""))
    elif action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
        yield invalid_value(f"{path}.action", action, "requires the backoffLimitPerIndex to be set")
    elif action not in _ACTIONS:
        yield not_supported(f"{path}.action", action, _ACTIONS)
    if codes is not None:
        yield from _exit_codes(codes, f"{path}.onExitCodes", names)
    if codes is not None and conditions:
        yield invalid_whole(path, "specifying both OnExitCodes and OnPodConditions is not supported")
    if codes is None and not conditions:
        yield invalid_whole(path, "specifying one of OnExitCodes and OnPodConditions is required")


def _exit_codes(codes: Spec, path: str, names: list[Any]) -> Iterator[Cause]:
    operator, values = codes.get("operator", ""), codes.get("values") or []
    if operator not in ("In", "NotIn"):
        yield not_supported(f"{path}.operator", operator, ("In", "NotIn"))
    if "containerName" in codes and codes["containerName"] not in names:
        why = "must be one of the container or initContainer names in the pod template"
        yield invalid_value(f"{path}.containerName", codes["containerName"], why)
    if not values:
        yield invalid_value(f"{path}.values", values, "at least one value is required")
    for index, value in enumerate(values):
        if operator == "In" and value == 0:
            yield invalid_value(f"{path}.values[{index}]", value, "must not be 0 for the In operator")


def _same(now: Spec, before: Spec, field: str) -> Iterator[Cause]:
    if now.get(field) != before.get(field):
        yield invalid_value(f"spec.{field}", now.get(field), IMMUTABLE)


def _completions(now: Spec, before: Spec) -> Iterator[Cause]:
    if now.get("completionMode") != "Indexed":
        yield from _same(now, before, "completions")
    elif now.get("completions") not in (None, before.get("completions")) and now["completions"] != now["parallelism"]:
        why = "can only be modified in tandem with spec.parallelism"
        yield invalid_value("spec.completions", now["completions"], why)


def _template_update(new: Manifest, old: Manifest) -> Iterator[Cause]:
    """A Job that is suspended and has not started may still be told where its pods run."""
    now, before = new["spec"].get("template") or {}, old["spec"].get("template") or {}
    if old["spec"].get("suspend") and not (old.get("status") or {}).get("startTime"):
        now, before = _unplaced(now), _unplaced(before)
    if now != before:
        yield invalid_value("spec.template", new["spec"].get("template"), IMMUTABLE)


def _unplaced(found: Spec) -> Spec:
    spec = {key: value for key, value in (found.get("spec") or {}).items() if key not in (*_SCHEDULING, "affinity")}
    for field in ("containers", "initContainers"):
        if field in spec:
            spec[field] = [{k: v for k, v in item.items() if k != "resources"} for item in spec[field]]
    affinity = {k: v for k, v in ((found.get("spec") or {}).get("affinity") or {}).items() if k != "nodeAffinity"}
    return {"spec": spec, "affinity": affinity}


@rules("CronJob")
class CronJobRules(Rules):
    """As `validateCronJobSpec`."""

    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        spec.setdefault("concurrencyPolicy", "Allow")
        spec.setdefault("suspend", False)
        spec.setdefault("successfulJobsHistoryLimit", 3)
        spec.setdefault("failedJobsHistoryLimit", 1)
        inner = spec.setdefault("jobTemplate", {}).setdefault("spec", {})
        spec["jobTemplate"].setdefault("metadata", {})
        template(inner)
        for rule in (inner.get("podFailurePolicy") or {}).get("rules") or ():
            for pattern in rule.get("onPodConditions") or ():
                pattern["status"] = pattern.get("status") or "True"

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {}

    def validate(self, new: Manifest) -> Iterator[Cause]:
        yield from _cron_spec(new["spec"], None)
        name = new["metadata"]["name"]
        if len(name) > _LONGEST_CRON_NAME:
            yield invalid_value("metadata.name", name, f"must be no more than {_LONGEST_CRON_NAME} characters")

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        return _cron_spec(new["spec"], old["spec"])


def _cron_spec(spec: Spec, before: Spec | None) -> Iterator[Cause]:
    schedule = spec.get("schedule", "")
    if not schedule:
        yield required("spec.schedule")
    else:
        yield from _schedule(schedule, "TZ" in (before or {}).get("schedule", ""), spec.get("timeZone"))
    yield from count_field(spec, "startingDeadlineSeconds", "spec")
    if before is None or before.get("timeZone") != spec.get("timeZone"):
        yield from _zone(spec.get("timeZone"))
    if spec["concurrencyPolicy"] not in _CONCURRENCY:
        yield not_supported("spec.concurrencyPolicy", spec["concurrencyPolicy"], _CONCURRENCY)
    inner = spec["jobTemplate"]["spec"]
    yield from job_spec(inner, "spec.jobTemplate.spec")
    if inner.get("selector") is not None:
        why = "`selector` will be auto-generated"
        yield invalid_value("spec.jobTemplate.spec.selector", inner["selector"], why)
    if inner.get("manualSelector"):
        yield not_supported("spec.jobTemplate.spec.manualSelector", True, ("nil", "false"))
    for field in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from count_field(spec, field, "spec")


def _schedule(schedule: str, zone_allowed: bool, zone: str | None) -> Iterator[Cause]:
    try:
        parse_schedule(schedule)
    except InvalidInputError as error:
        yield invalid_value("spec.schedule", schedule, str(error))
    if "TZ" in schedule and not zone_allowed:
        why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        yield invalid_value("spec.schedule", schedule, why)
    elif "TZ" in schedule and zone is not None:
        why = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        yield invalid_value("spec.schedule", schedule, why)


def _zone(zone: str | None) -> Iterator[Cause]:
    path = "spec.timeZone"
    if zone is None:
        return
    if not zone:
        yield invalid_value(path, zone, "timeZone must be nil or non-empty string")
        return
    if any(part in (".", "..") or part.startswith("-") or not _ZONE_PART.fullmatch(part) for part in zone.split("/")):
        yield invalid_value(path, zone, f"unknown time zone {zone}")
        return
    if zone.lower() == "local":
        why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        yield invalid_value(path, zone, why)
    elif not _is_known(zone):
        yield invalid_value(path, zone, f"unknown time zone {zone}")


def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
