"""One request to a resource, as verbs and subresources see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiops.lab.kube import errors
from aiops.lab.kube.access.user import User
from aiops.lab.kube.api.request import RequestInfo
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import Key


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a resource, with its query parameters, its user, and the field manager that writes."""

    info: RequestInfo
    resource: Resource
    query: Mapping[str, str]
    manager: str
    user: User

    @property
    def dry_run(self) -> bool:
        if self.query.get("dryRun", "All") != "All":
            raise errors.bad_request(f'dryRun: Unsupported value: {self.query["dryRun"]!r}: supported values: "All"')
        return "dryRun" in self.query

    @property
    def key(self) -> Key:
        return (self.info.namespace if self.resource.namespaced else ""), self.info.name
