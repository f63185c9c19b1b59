"""One request to a resource, as verbs and subresources see it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import QueryParams

from aiops.lab.kube.access.user import User
from aiops.lab.kube.api.request import RequestInfo
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import Key


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a resource, with its query parameters, its user, and the field manager that writes."""

    info: RequestInfo
    resource: Resource
    query: QueryParams
    manager: str
    user: User

    @property
    def dry_run(self) -> bool:
        """Is nothing to be stored? What the option may say is checked before."""
        return "dryRun" in self.query

    @property
    def key(self) -> Key:
        return (self.info.namespace if self.resource.namespaced else ""), self.info.name
