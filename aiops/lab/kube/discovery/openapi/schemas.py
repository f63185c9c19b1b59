"""Schemas of the API's types in both versions of OpenAPI, from the table of types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiops.lab.kube.discovery.openapi.names import description, field_descriptions, openapi_name
from aiops.lab.kube.schema.table import Field, Struct, Type, kinds, struct

Schema = dict[str, Any]

_SCALARS: dict[str, Schema] = {
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "uint8": {"type": "integer", "format": "byte"},
    "float64": {"type": "number", "format": "double"},
    "bytes": {"type": "string", "format": "byte"},
}
_TEXT: Schema = {"type": "string"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_OPAQUE: dict[str, tuple[str, Schema, Schema]] = {
    "resource.Quantity": ("A fixed-point number with a suffix, such as 100m or 128Mi.", _TEXT,
                          {"oneOf": [_TEXT, {"type": "number"}]}),
    "intstr.IntOrString": ("IntOrString is a type that can hold an int32 or a string.  When used in JSON or YAML "
                           "marshalling and unmarshalling, it produces or consumes the inner type.  This allows you to "
                           "have, for example, a JSON field that can accept a name or number.",
                           {"type": "string", "format": "int-or-string"},
                           {"format": "int-or-string", "oneOf": [{"type": "integer"}, _TEXT]}),
    "meta/v1.Time": ("A moment as RFC 3339 writes it, to the second.", _MOMENT, _MOMENT),
    "meta/v1.MicroTime": ("A moment as RFC 3339 writes it, to the microsecond.", _MOMENT, _MOMENT),
    "meta/v1.Duration": ("A span of time, such as 1m30s.", _TEXT, _TEXT),
    "meta/v1.FieldsV1": ("A set of fields.", {"type": "object"}, {"type": "object"}),
    "runtime.RawExtension": ("Any object.", {"type": "object"}, {"type": "object"}),
    "apiextensions/v1.JSON": ("Any JSON value.", {}, {}),
    "apiextensions/v1.JSONSchemaPropsOrArray": ("A schema, or a list of schemas.", {}, {}),
    "apiextensions/v1.JSONSchemaPropsOrBool": ("A schema, or true or false.", {}, {}),
    "apiextensions/v1.JSONSchemaPropsOrStringArray": ("A schema, or a list of names.", {}, {}),
}  # fmt: skip
"""Type -> what it is, its schema in v2, its schema in v3."""

METADATA = (
    "Standard object's metadata. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
)
_EVERY_GROUP = ("DeleteOptions", "WatchEvent")
"""Kinds that each group has."""


@dataclass(slots=True)
class Schemas:
    """The definitions of one document, filled as they are referred to. `groups` are the (group, version) it is of."""

    v3: bool
    groups: list[tuple[str, str]]
    found: dict[str, Schema] = field(default_factory=dict)

    def ref(self, name: str) -> Schema:
        """A reference to a type of the table, which is put among the definitions with all that it holds."""
        published = openapi_name(name)
        if published not in self.found:
            self.found[published] = {}
            self.found[published] = self._opaque(name) if name in _OPAQUE else self._struct(struct(name))
        return self.ref_to(published)

    def ref_to(self, published: str) -> Schema:
        return {"$ref": f"#/{'components/schemas' if self.v3 else 'definitions'}/{published}"}

    def _opaque(self, name: str) -> Schema:
        text, v2, v3 = _OPAQUE[name]
        return {"description": text, **(v3 if self.v3 else v2)}

    def _struct(self, of: Struct) -> Schema:
        texts = field_descriptions(of.name)
        properties: dict[str, Schema] = {}
        if of.typed:
            head = texts if "apiVersion" in texts else field_descriptions("core/v1.Pod")
            properties = {
                name: {"description": head.get(name, ""), "type": "string"} for name in ("apiVersion", "kind")
            }
        for each in of.fields.values():
            properties[each.name] = self._property(each, texts.get(each.name, ""))
        required = [each.name for each in of.fields.values() if each.required]
        schema: Schema = {"description": description(of.name), "type": "object"}
        if required:
            schema["required"] = required
        if properties:
            schema["properties"] = dict(sorted(properties.items()))
        if of.map_type:
            schema["x-kubernetes-map-type"] = of.map_type
        if served := self._kinds(of.name):
            schema["x-kubernetes-group-version-kind"] = served
        return schema

    def _kinds(self, name: str) -> list[Schema]:
        """The kinds that a type is, as `x-kubernetes-group-version-kind` tells them."""
        named = [_kind(api_version, kind) for (api_version, kind), found in kinds().items() if found == name]
        if named and named[0]["kind"] in _EVERY_GROUP:
            kind = named[0]["kind"]
            entries = [("", "v1"), *self.groups]
            return [{"group": g, "kind": kind, "version": v} for g, v in dict.fromkeys(entries)]
        return sorted(named, key=lambda each: (each["group"], each["version"], each["kind"]))

    def _property(self, of: Field, text: str) -> Schema:
        schema: Schema = {"description": self._text(of, text)} if self._text(of, text) else {}
        self._put(schema, of.type, default=_default(of) if self.v3 else None)
        if of.enum:
            place = schema["items"] if of.type.kind == "list" else schema
            place["enum"] = list(of.enum)
        return schema | dict(_marks(of))

    @staticmethod
    def _text(of: Field, text: str) -> str:
        if not text and of.type.name == "meta/v1.ObjectMeta":
            text = METADATA
        elif not text and of.type.name and of.type.name not in _OPAQUE:
            text = description(of.type.name)
        if of.enum and of.type.kind != "list":
            text += "\n\nPossible enum values:\n" + "\n".join(f' - `"{value}"`' for value in of.enum)
        return text

    def _put(self, schema: Schema, of: Type, *, default: Any = None) -> None:
        """Add a type to the schema of a field or an item."""
        if default is not None:
            schema["default"] = default
        if of.kind == "list" and of.item is not None:
            schema |= {"type": "array", "items": self._item(of.item)}
        elif of.kind == "map" and of.item is not None:
            schema |= {"type": "object", "additionalProperties": self._item(of.item)}
        elif of.kind in _SCALARS:
            schema |= _SCALARS[of.kind]
        elif self.v3 and schema:
            schema["allOf"] = [self.ref(of.name)]
        else:
            schema |= self.ref(of.name)

    def _item(self, of: Type) -> Schema:
        item: Schema = {}
        default: Any = {} if of.kind == "struct" else _ZERO.get(of.kind)
        self._put(item, of, default=default if self.v3 and not of.pointer else None)
        return item


_ZERO: dict[str, Any] = {"string": "", "int32": 0, "int64": 0, "bool": False}


def _default(of: Field) -> Any:
    kind = of.type
    if of.default is not None:
        return int(of.default) if of.default.lstrip("-").isdecimal() else _FLAGS.get(of.default, of.default)
    if kind.pointer:
        return None
    if kind.kind == "struct":
        return {}
    return _ZERO.get(kind.kind) if of.always else None


_FLAGS = {"true": True, "false": False}


def _marks(of: Field) -> Iterable[tuple[str, Any]]:
    if of.list_keys:
        yield "x-kubernetes-list-map-keys", list(of.list_keys)
    if of.list_type:
        yield "x-kubernetes-list-type", of.list_type
    if of.map_type:
        yield "x-kubernetes-map-type", of.map_type
    if of.merge_key:
        yield "x-kubernetes-patch-merge-key", of.merge_key
    if of.patch_strategy:
        yield "x-kubernetes-patch-strategy", ",".join(of.patch_strategy)


def _kind(api_version: str, kind: str) -> Schema:
    group, _, version = api_version.rpartition("/")
    return {"group": group, "kind": kind, "version": version}
