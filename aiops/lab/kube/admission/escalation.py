"""Roles and bindings give nobody more than their writer has. In Kubernetes their storage checks this, behind the
mutating plug-ins."""

from __future__ import annotations

from aiops.lab.kube.access.escalation import BINDINGS, ROLES, check_escalation
from aiops.lab.kube.access.rbac import GROUP
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource


class RoleEscalation(Plugin):
    """The check of `rbac/policybased`."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        known = resource.group == GROUP and resource.kind in (*ROLES, *BINDINGS)
        return known and operation in ("CREATE", "UPDATE") and not subresource

    def admit(self, request: Attributes) -> None:
        check_escalation(self._cluster, request.user, request.resource, request.new, request.old)
