"""The OpenAPI documents of a cluster, kept until its kinds change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha512
from typing import Any

import orjson

from aiops.lab.kube.discovery.documents import groups, resources, versions
from aiops.lab.kube.discovery.openapi.names import field_descriptions
from aiops.lab.kube.discovery.openapi.paths import Ref, paths_of
from aiops.lab.kube.discovery.openapi.schemas import METADATA, Schema, Schemas
from aiops.lab.kube.discovery.version import VERSION
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.schema.table import kinds

_INFO = {"title": "Kubernetes", "version": f"{VERSION['major']}.{VERSION['minor']}"}


def _custom_schema(resource: Resource) -> Schema | None:
    """The schema of a custom kind as its definition has it; None of a built-in one."""
    if resource.custom is None:
        return None
    schema: Schema = resource.custom.schema
    return schema


@dataclass(slots=True)
class OpenApi:
    """Documents are made when they are asked for, and once."""

    catalog: Catalog
    _kept: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def index(self) -> dict[str, Any]:
        """What `/openapi/v3` answers: where the document of each group and version is, with its hash."""
        found: dict[str, Any] = {}
        for name in ("api", *(f"apis/{g}" for g in groups(self.catalog) if g)):
            for version in versions(self.catalog, name.removeprefix("apis/") if name != "api" else ""):
                path = f"{name}/{version}"
                url = f"/openapi/v3/{path}?hash={self._hash(path)}"
                found[path] = {"serverRelativeURL": url}
        return {"paths": dict(sorted(found.items()))}

    def group(self, path: str) -> tuple[str, bytes] | None:
        """(hash, document) of `api/v1` or `apis/apps/v1`; None where there is no such group."""
        served = self._served(path)
        if not served:
            return None
        digest = self._hash(path)
        kept = self._kept.get(path)
        if kept is None or kept[0] != digest:
            kept = self._kept[path] = (digest, orjson.dumps(self._v3(served)))
        return kept

    def whole(self, encode: Callable[[dict[str, Any]], bytes] = orjson.dumps) -> tuple[str, bytes]:
        """(hash, document) of everything, in OpenAPI v2."""
        served = list(self.catalog)
        digest, name = self._digest(served), f"v2 {encode.__name__}"
        kept = self._kept.get(name)
        if kept is None or kept[0] != digest:
            kept = self._kept[name] = (digest, encode(self._v2(served)))
        return kept

    def _served(self, path: str) -> list[Resource]:
        root, *rest = path.split("/")
        group, version = ("", rest[0]) if root == "api" and len(rest) == 1 else ("", "")
        if root == "apis" and len(rest) == 2:
            group, version = rest
        return resources(self.catalog, group, version) if version else []

    def _hash(self, path: str) -> str:
        return self._digest(self._served(path))

    def _digest(self, served: list[Resource]) -> str:
        """Changes with what is served, so that nothing has to be made to tell that it is the same."""
        told = [repr(each) for each in served]
        schemas = [_custom_schema(each) for each in served]
        said = orjson.dumps([VERSION["gitVersion"], told, schemas], option=orjson.OPT_SORT_KEYS)
        return sha512(said).hexdigest().upper()

    def _v3(self, served: list[Resource]) -> dict[str, Any]:
        schemas = Schemas(v3=True, groups=[(each.group, each.version) for each in served[:1]])
        paths = self._paths(served, schemas)
        found = dict(sorted(schemas.found.items()))
        return {"openapi": "3.0.0", "info": _INFO, "paths": paths, "components": {"schemas": found}}

    def _v2(self, served: list[Resource]) -> dict[str, Any]:
        pairs = list(dict.fromkeys((each.group, each.version) for each in served))
        schemas = Schemas(v3=False, groups=pairs)
        paths = self._paths(served, schemas)
        return {"swagger": "2.0", "info": _INFO, "paths": paths, "definitions": dict(sorted(schemas.found.items()))}

    def _paths(self, served: list[Resource], schemas: Schemas) -> dict[str, Any]:
        ref = self._ref(schemas)
        found: dict[str, Any] = {}
        for each in served:
            own = _custom_schema(each)
            if own is not None:
                schemas.found[_custom_name(each, each.kind)] = _whole(own, each, schemas)
                schemas.found[_custom_name(each, each.list_kind)] = _list_of(each, schemas)
            found |= paths_of(each, ref, v3=schemas.v3)
        return dict(sorted(found.items()))

    def _ref(self, schemas: Schemas) -> Ref:
        def ref(group: str, version: str, kind: str) -> dict[str, Any]:
            name = kinds().get((f"{group}/{version}" if group else version, kind))
            if name is not None:
                return schemas.ref(name)
            published = ".".join([*reversed(group.split(".")), version, kind])
            return schemas.ref_to(published) if published in schemas.found else {"type": "object"}

        return ref


def _custom_name(resource: Resource, kind: str) -> str:
    """`com.example.v1.Widget`, as the server publishes custom kinds."""
    return ".".join([*reversed(resource.group.split(".")), resource.version, kind])


def _with_kind(schema: Schema, resource: Resource, kind: str) -> Schema:
    named = {"group": resource.group, "kind": kind, "version": resource.version}
    return {**schema, "x-kubernetes-group-version-kind": [named]}


def _whole(schema: Schema, resource: Resource, schemas: Schemas) -> Schema:
    """The schema with what every object has."""
    if not schema:
        return _with_kind({"type": "object", "x-kubernetes-preserve-unknown-fields": True}, resource, resource.kind)
    metadata = {**schemas.ref("meta/v1.ObjectMeta"), "description": METADATA}
    if schemas.v3:
        metadata = {"description": METADATA, "allOf": [schemas.ref("meta/v1.ObjectMeta")]}
    said = field_descriptions("core/v1.Pod")
    head = {name: {"description": said.get(name, ""), "type": "string"} for name in ("apiVersion", "kind")}
    properties = {**(schema.get("properties") or {}), **head, "metadata": metadata}
    return _with_kind({**schema, "properties": dict(sorted(properties.items()))}, resource, resource.kind)


def _list_of(resource: Resource, schemas: Schemas) -> Schema:
    items = {"type": "array", "items": schemas.ref_to(_custom_name(resource, resource.kind))}
    metadata = schemas.ref("meta/v1.ListMeta")
    text = {"type": "string"}
    properties = {"apiVersion": text, "items": items, "kind": text, "metadata": metadata}
    schema = {"description": f"{resource.list_kind} is a list of {resource.kind}", "type": "object",
              "required": ["items"], "properties": properties}  # fmt: skip
    return _with_kind(schema, resource, resource.list_kind)
