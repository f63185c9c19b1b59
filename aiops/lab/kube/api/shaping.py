"""Objects in the form that a client asks for: as they are, as a table, or their metadata alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from aiops.core.entity import Manifest
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.discovery.tables.columns import Column
from aiops.lab.kube.discovery.tables.table import check_included, columns_of, metadata_of, table
from aiops.lab.kube.discovery.tables.workloads import SCALE
from aiops.lab.kube.encoding.negotiation import (
    MEDIA,
    METADATA,
    METADATA_LIST,
    STREAMED,
    TABLE,
    Form,
    form_of_objects,
)
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.conversion import to_version
from aiops.lab.kube.kinds.resources import Resource


@dataclass(frozen=True, slots=True)
class Shape:
    """How the objects of one answer are shown. `include` is what the rows of a table bring of their objects."""

    resource: Resource
    stored: Resource
    form: Form
    columns: Sequence[Column]
    include: str = ""

    @property
    def plain(self) -> bool:
        return not self.form.kind

    def one(self, item: Manifest, now: float, *, heading: bool = True) -> Manifest:
        """A single object. Raises 406 where a list was asked for."""
        if item.get("kind") != self.resource.kind:
            return item if self.form.kind != TABLE or item.get("kind") == "Status" else self._single(item, now, heading)
        if self.plain:
            return to_version(item, self.resource, self.stored)
        if self.form.kind == TABLE:
            return self._single(item, now, heading)
        if self.form.kind == METADATA_LIST:
            raise _unfit(f"{METADATA_LIST}, but the requested object is not a list (*{_go(self.resource)})")
        return metadata_of(item, self.form.version)

    def many(self, items: list[Manifest], now: float, metadata: dict[str, Any]) -> Manifest:
        """A list. Raises 406 where a single object was asked for."""
        if self.form.kind == TABLE:
            return self._table(items, now, metadata)
        if self.form.kind == METADATA:
            raise _unfit(f"{METADATA}, but the requested object is a list (*{_go(self.resource)}List)")
        if self.form.kind == METADATA_LIST:
            head = {"kind": METADATA_LIST, "apiVersion": f"meta.k8s.io/{self.form.version}", "metadata": metadata}
            return {**head, "items": [metadata_of(item, self.form.version) for item in items]}
        return list_of(self.resource, [to_version(item, self.resource, self.stored) for item in items], metadata)

    def _single(self, item: Manifest, now: float, heading: bool) -> Manifest:
        version = (item.get("metadata") or {}).get("resourceVersion")
        return self._table([item], now, {"resourceVersion": version} if version else {}, heading=heading)

    def _table(self, items: list[Manifest], now: float, metadata: dict[str, Any], *, heading: bool = True) -> Manifest:
        made = table(
            self.columns, items, now,
            include=self.include, metadata=metadata, version=self.form.version, heading=heading,
        )  # fmt: skip
        if self.include == "Object":
            for row in made["rows"]:
                row["object"] = to_version(row["object"], self.resource, self.stored)
        return made


def shape_of(call: Call, request: Request, catalog: Catalog) -> Shape:
    """What a request asks for. Raises 400, 406."""
    many = call.info.verb in ("list", "watch")
    form = form_of_objects(request.headers.get("accept", ""), STREAMED if many else MEDIA)
    stored = catalog.stored(call.resource.shelf)
    if form.kind != TABLE:
        return Shape(call.resource, stored, form, ())
    include = call.query.get("includeObject", "")
    check_included(include)
    columns = SCALE if call.info.subresource == "scale" else columns_of(call.resource)
    return Shape(call.resource, stored, form, columns, include)


def list_of(resource: Resource, items: list[Manifest], metadata: dict[str, Any]) -> Manifest:
    """A list; as from the real server its items don't repeat kind and apiVersion, but for those of custom kinds."""
    if resource.custom is None:
        items = [{key: value for key, value in item.items() if key not in ("kind", "apiVersion")} for item in items]
    else:
        metadata = {"continue": "", **metadata}
    return {"kind": resource.list_kind, "apiVersion": resource.api_version, "metadata": metadata, "items": items}


def _go(resource: Resource) -> str:
    """The Go type of a kind, as the server's errors name it."""
    group = resource.group.partition(".")[0] or "core"
    return f"{group}.{resource.kind}"


def _unfit(why: str) -> ApiError:
    return ApiError(406, "NotAcceptable", f"you requested {why}")
