"""How the fields of each kind merge: which lists have keys, which maps are one value.

A field that is not known is plain: a map merges field by field, a list is one value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aiops.lab.kube.schema import table

KEY_DEFAULTS = {"protocol": "TCP"}
"""Values of keys that an item of a list may leave out."""

_METADATA = "meta/v1.ObjectMeta"
_ZERO: dict[str, Any] = {
    "string": "",
    "bool": False,
    "int32": 0,
    "int64": 0,
    "float64": 0,
    "uint8": 0,
    "quantity": "0",
    "int-or-string": 0,
    "duration": "0s",
}
_STRUCTS = ("struct", "time", "micro-time", "any")
"""Kinds of types that Go's encoder never leaves out as empty."""


@dataclass(frozen=True, slots=True)
class Field:
    """How one field merges.

    `list` is "map" (items have `keys`), "set", or empty for a list that is one value. `atomic`: a map that is one
    value. `strategy` and `key` are those of strategic merge patches: merge, replace, retainKeys. `fields` are those of
    the value or of a list's items; `values` is how the values of a map merge.
    """

    list: str = ""
    keys: tuple[str, ...] = ()
    atomic: bool = False
    strategy: tuple[str, ...] = ()
    key: str = ""
    struct: str = ""
    own: Mapping[str, Field] | None = None
    values: Field | None = None

    @property
    def fields(self) -> Mapping[str, Field]:
        if self.own is not None:
            return self.own
        return fields_of(self.struct) if self.struct else {}

    @property
    def item(self) -> Field:
        """How the items of a list merge."""
        if self.own is not None:
            return Field(own=self.own)
        return Field(struct=self.struct, atomic=_is_atomic(self.struct)) if self.struct else PLAIN

    def child(self, name: str) -> Field:
        """The field `name` of the value; of a plain map, any of its values."""
        return self.values or self.fields.get(name, PLAIN)


PLAIN = Field()


@cache
def fields_of(name: str) -> Mapping[str, Field]:
    """The fields of a struct by its name in the table of types."""
    return {field.name: _field(field) for field in table.struct(name).fields.values()}


def _field(field: table.Field) -> Field:
    kind = field.type.kind
    item = field.type.item if kind == "list" else field.type
    struct = item.name if item is not None and item.kind == "struct" else ""
    whole = kind == "struct" and field.map_type != "granular" and _is_atomic(struct)
    return Field(
        list=field.list_type if field.list_type in ("map", "set") else "",
        keys=field.list_keys,
        atomic=kind == "any" or field.map_type == "atomic" or whole,
        strategy=field.patch_strategy,
        key=field.merge_key,
        struct=struct,
        values=_values(field.type) if kind == "map" else None,
    )


def _is_atomic(struct: str) -> bool:
    return table.struct(struct).map_type == "atomic"


def _values(type_: table.Type) -> Field:
    item = type_.item
    if item is None or item.kind != "struct":
        return Field(atomic=item is not None and item.kind == "any")
    return Field(struct=item.name, atomic=_is_atomic(item.name))


@cache
def merging_of(api_version: str, kind: str) -> Field:
    """How objects of a built-in kind merge; those of an unknown kind have only metadata that is special."""
    struct = table.type_of(api_version, kind)
    return Field(struct=struct.name) if struct is not None else Field(own={"metadata": Field(struct=_METADATA)})


@cache
def empty_of(api_version: str, kind: str) -> dict[str, Any]:
    """An object of a kind of which nothing is set: the fields that are written all the same."""
    struct = table.type_of(api_version, kind)
    return {"metadata": {}} if struct is None else _empty(struct)


def _empty(struct: table.Struct) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in struct.fields.items():
        inline = field.type.kind in _STRUCTS and not field.type.pointer
        if field.omit_zero or not (inline or field.always):
            continue
        if inline and field.type.kind == "struct":
            found[name] = _empty(table.struct(field.type.name))
        else:
            found[name] = None if field.type.pointer else _ZERO.get(field.type.kind)
    return found
