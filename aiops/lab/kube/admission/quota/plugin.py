"""ResourceQuota: refuses what would exceed a quota, and counts at once what is let in."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.access.user import API_SERVER
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.admission.quantities import ZERO, Amounts, added, quantities, shown
from aiops.lab.kube.admission.quota.counting import counted
from aiops.lab.kube.admission.quota.scopes import in_scope
from aiops.lab.kube.admission.quota.usage import REQUIRED, compute_usage, tracked, usage
from aiops.lab.kube.kinds.resources import Resource

_MEASURED_ON_UPDATE = ("Service", "PersistentVolumeClaim")


class ResourceQuota(Plugin):
    """As the plug-in of this name does. A quota that the controller has not counted yet is counted here."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        if not resource.namespaced or "list" not in resource.verbs:
            return False
        if resource.shelf == "Pod":
            return (operation, subresource) in (("CREATE", ""), ("UPDATE", ""), ("UPDATE", "resize"))
        if subresource:
            return False
        return operation == "CREATE" or (operation == "UPDATE" and resource.shelf in _MEASURED_ON_UPDATE)

    def validate(self, request: Attributes) -> None:
        quotas = self._cluster.objects("ResourceQuota", request.namespace)
        if not quotas or _unmeasured(request):
            return
        now = self._cluster.now()
        wanted = usage(request.resource, request.new, now)
        before = usage(request.resource, request.old, now) if request.old is not None else {}
        changes = []
        for quota in quotas:
            used = self._checked(request, self._known(quota), wanted, before)
            if used is not None:
                changes.append((quota, used))
        if not request.dry_run:
            for quota, status in changes:
                self._write(quota, status)

    def _known(self, quota: Manifest) -> Manifest:
        status = quota.get("status") or {}
        if status.get("hard") == quota["spec"].get("hard") and "used" in status:
            return quota
        return {**quota, "status": counted(self._cluster, quota)}

    def _checked(self, request: Attributes, quota: Manifest, wanted: Amounts, before: Amounts) -> dict[str, Any] | None:
        """The status of the quota with the request let in; None where it is not about it. Raises 403."""
        resource, name = request.resource, quota["metadata"]["name"]
        hard = quantities(quota["status"].get("hard"))
        names = [each for each in hard if tracked(resource, each)]
        if not names or not in_scope(resource, request.new, quota):
            return None
        missing = _missing(request, names)
        if missing:
            raise request.forbidden(f"failed quota: {name}: must specify {missing}")
        if before and in_scope(resource, request.old or {}, quota):
            more = {each: amount - before.get(each, ZERO) for each, amount in wanted.items()}
            wanted = {each: amount for each, amount in more.items() if amount.value > 0}
        asked = {each: wanted[each] for each in names if each in wanted and wanted[each].value}
        if not asked:
            return None
        used = quantities(quota["status"]["used"])
        total = added((used, asked))
        exceeded = [each for each in asked if total[each].value > hard[each].value]
        if exceeded:
            raise request.forbidden(
                f"exceeded quota: {name}, requested: {_listed(asked, exceeded)}, "
                f"used: {_listed(used, exceeded)}, limited: {_listed(hard, exceeded)}"
            )
        return {**quota["status"], "used": shown(total)}

    def _write(self, quota: Manifest, status: dict[str, Any]) -> None:
        with self._cluster.acting(API_SERVER):
            self._cluster.update({**quota, "status": status}, manager="kube-apiserver", subresource="status")


def _unmeasured(request: Attributes) -> bool:
    """An update of a pod counts only where it changes the pod's scope or size."""
    if request.resource.shelf != "Pod" or request.old is None or request.subresource:
        return False
    deadlines = [pod["spec"].get("activeDeadlineSeconds") is None for pod in (request.new, request.old)]
    return deadlines[0] == deadlines[1]


def _missing(request: Attributes, names: list[str]) -> str:
    """Which containers of a pod leave out what the quota counts."""
    required = REQUIRED & set(names)
    spec = request.new.get("spec") or {}
    if request.resource.shelf != "Pod" or not required or (spec.get("resources") or {}):
        return ""
    missing: dict[str, set[str]] = {}
    for container in [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]:
        resources = container.get("resources") or {}
        has = compute_usage(quantities(resources.get("requests")), quantities(resources.get("limits")))
        for each in required - has.keys():
            missing.setdefault(each, set()).add(container["name"])
    return "; ".join(f"{each} for: {','.join(sorted(missing[each]))}" for each in sorted(missing))


def _listed(amounts: Amounts, names: list[str]) -> str:
    return ",".join(f"{name}={amounts.get(name, ZERO)}" for name in sorted(names))
