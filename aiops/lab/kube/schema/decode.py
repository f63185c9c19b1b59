"""Objects as the API server decodes and encodes them: each field of its type, empty ones left out, amounts canonical.

As Go reads JSON into the structs of the API: null is a field that is not there; the first value of another type is an
error that names the Go field; a field that the struct does not have is dropped and told. And as Go writes them: fields
marked `omitempty` only with a value, structs always.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.encoding.jsontext import Repeated
from aiops.lab.kube.schema.amounts import WRONG_FORMAT, WrongQuantityError, canonical
from aiops.lab.kube.schema.base64text import WrongBase64Error, decoded_base64
from aiops.lab.kube.schema.moments import WrongTimeError, canonical_time, is_zero_time
from aiops.lab.kube.schema.table import Field, Struct, Type, struct, type_of

_RANGES = {"int32": range(-(2**31), 2**31), "int64": range(-(2**63), 2**63), "uint8": range(256)}
_EMPTY: tuple[Any, ...] = ("", 0, False, [], {}, None)

Path = tuple[Any, Any]
"""Where a value is: (the path around it or None, its name or index)."""


class DecodingError(ValueError):
    """A body that is no object of its kind; the message is that of Go's decoder. `converting` is that of apimachinery's
    converter, which reads what a strategic merge patch leaves."""

    def __init__(self, message: str, converting: str = "") -> None:
        super().__init__(message)
        self.converting = converting or message


@dataclass(slots=True)
class Decoded:
    """The object as it is kept, and what strict decoding refuses: `unknown field "spec.x"`, in the body's order."""

    manifest: Manifest
    strict: list[str] = field(default_factory=list)


def decode(manifest: Manifest, api_version: str, kind: str) -> Decoded:
    """Decode a body of a built-in kind; of another kind its metadata alone. Raises DecodingError."""
    found = type_of(api_version, kind)
    reader = _Decoder()
    try:
        if found is None:
            body = {name: item for name, item in manifest.items() if item is not None}
            body["metadata"] = _metadata(reader, kind, manifest.get("metadata"))
        else:
            body = reader.struct(manifest, found, None, found)
    except RecursionError as error:
        raise DecodingError("exceeded max depth") from error
    if reader.error:
        raise DecodingError(reader.error, reader.converting)
    body.pop("apiVersion", None)
    body.pop("kind", None)
    return Decoded({"apiVersion": api_version, "kind": kind, **body}, reader.strict)


def zero(name: str) -> dict[str, Any]:
    """What Go writes for a struct in which nothing was set: `zero("apps/v1.DaemonSetStatus")`. Raises KeyError."""
    return {field_name: _zero_value(kind) for field_name, kind in _zeros(struct(name))}


def _metadata(reader: _Decoder, kind: str, value: Any) -> dict[str, Any]:
    own = struct("meta/v1.ObjectMeta")
    return reader.struct({} if value is None else value, own, (None, "metadata"), Struct(f".{kind}", {}))


@cache
def _zeros(of: Struct) -> tuple[tuple[str, Type], ...]:
    """The fields that are written without having been set."""
    return tuple((each.name, each.type) for each in of.fields.values() if _always_written(each))


def _always_written(each: Field) -> bool:
    """What is required and was left out is told by the kind's validation: no null stands for it."""
    kind = each.type
    if each.required and _zero_value(kind) is None:
        return False
    if each.omit_zero or (kind.pointer and not each.always) or kind.kind == "int-or-string":
        return False
    return each.always or kind.kind in ("struct", "time", "micro-time", "quantity")


def _zero_value(kind: Type) -> Any:
    if kind.pointer or kind.kind in ("list", "map", "bytes", "any", "time", "micro-time"):
        return None
    if kind.kind == "struct":
        return zero(kind.name)
    return {"string": "", "bool": False, "quantity": "0", "duration": "0s"}.get(kind.kind, 0)


class _Decoder:
    """One body. `error` is the first value that does not fit."""

    def __init__(self) -> None:
        self.error = ""
        self.converting = ""
        self.strict: list[str] = []

    def struct(self, value: Any, of: Struct, where: Path | None, owner: Struct) -> dict[str, Any]:
        """`owner` is the struct whose field holds the value."""
        if not isinstance(value, dict):
            self._mismatch(value, _go_type(of), where, owner, f"cannot restore struct from: {_go_kind(value)}")
            return {}
        result: dict[str, Any] = {}
        fields = of.fields
        for name, item in value.items():
            known = fields.get(name)
            if known is None:
                self._other(name, item, of, where)
            elif item is not None:
                decoded = self.value(item, known.type, (where, name), of)
                if decoded is None:
                    continue  # a time of zero is none, too
                if known.always or known.type.pointer or known.type.kind == "struct" or decoded not in _EMPTY:
                    result[name] = decoded
        for name, kind in _zeros(of):
            if name not in result:
                result[name] = _zero_value(kind)
        if isinstance(value, Repeated):
            self._twice(value, where)
        return result

    def _twice(self, value: Repeated, where: Path | None) -> None:
        self.strict += [f'duplicate field "{_dotted((where, name))}"' for name in value.names]

    def _other(self, name: str, item: Any, of: Struct, where: Path | None) -> None:
        if of.typed and name in ("apiVersion", "kind"):
            if not isinstance(item, str) and item is not None:
                self._mismatch(item, "string", (where, name), of)
        elif len(self.strict) < 100:
            self.strict.append(f'unknown field "{_dotted((where, name))}"')

    def value(self, value: Any, kind: Type, where: Path, owner: Struct) -> Any:
        name = kind.kind
        if name == "struct":
            return self.struct(value, struct(kind.name), where, owner)
        if name == "list":
            return self._list(value, kind, where, owner)
        if name == "map":
            return self._map(value, kind, where, owner)
        if name == "any":
            return value
        return self._scalar(value, kind, where, owner)

    def _list(self, value: Any, kind: Type, where: Path, owner: Struct) -> list[Any]:
        if not isinstance(value, list):
            self._mismatch(value, kind.go, where, owner, f"cannot restore slice from {_go_kind(value)}")
            return []
        assert kind.item is not None
        item = kind.item
        return [
            _zero_value(item) if each is None else self.value(each, item, (where, index), owner)
            for index, each in enumerate(value)
        ]

    def _map(self, value: Any, kind: Type, where: Path, owner: Struct) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._mismatch(value, kind.go, where, owner, f"cannot restore map from {_go_kind(value)}")
            return {}
        assert kind.item is not None
        item = kind.item
        if isinstance(value, Repeated):
            self._twice(value, where)
        return {
            key: _zero_value(item) if each is None else self.value(each, item, (where, _Key(key)), owner)
            for key, each in value.items()
        }

    def _scalar(self, value: Any, kind: Type, where: Path, owner: Struct) -> Any:
        name = kind.kind
        if name == "string":
            fits = isinstance(value, str)
        elif name == "bool":
            fits = isinstance(value, bool)
        elif name in _RANGES:
            fits = isinstance(value, int) and not isinstance(value, bool) and value in _RANGES[name]
        elif name == "float64":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        else:
            return self._special(value, kind, where, owner)
        if not fits:
            self._mismatch(value, kind.go, where, owner, _unconverted(value, kind))
        return value

    def _special(self, value: Any, kind: Type, where: Path, owner: Struct) -> Any:
        name = kind.kind
        if name == "int-or-string":
            fits = isinstance(value, str) or (
                isinstance(value, int) and not isinstance(value, bool) and value in _RANGES["int32"]
            )
            if not fits:
                why = f"json: cannot unmarshal {_json_type(value, number=True)} into Go value of type int32"
                self._mismatch(value, "int32", where, owner, why)
            return value
        if name == "quantity":
            return self._quantity(value)
        if not isinstance(value, str):
            self._mismatch(value, "[]uint8" if name == "bytes" else "string", where, owner)
            return value
        try:
            if name == "bytes":
                return b64encode(decoded_base64(value)).decode()
            if name == "duration":
                return value
            moment = canonical_time(value, micro=name == "micro-time")
            return None if is_zero_time(moment) else moment
        except (WrongTimeError, WrongBase64Error) as error:
            self._fail(str(error))
            return value

    def _quantity(self, value: Any) -> Any:
        if isinstance(value, bool | list | dict):
            self._fail(WRONG_FORMAT)
            return value
        try:
            return canonical(str(value).strip())
        except WrongQuantityError as error:
            self._fail(str(error))
            return value

    def _mismatch(self, value: Any, go: str, where: Path | None, owner: Struct, converting: str = "") -> None:
        if self.error:
            return
        self.converting = converting
        what = _json_type(value, number=go in ("int32", "int64", "uint8"))
        if where is None:
            self._fail(f"json: cannot unmarshal {what} into Go value of type {go}")
        else:
            fields = ".".join(_steps(where))
            self._fail(f"json: cannot unmarshal {what} into Go struct field {owner.go}.{fields} of type {go}")

    def _fail(self, message: str) -> None:
        self.error = self.error or message


class _Key(str):
    """A key of a map: part of a field's path in strict errors, none in Go's."""

    __slots__ = ()


def _go_type(of: Struct) -> str:
    return of.name.rpartition("/")[2]


def _go_kind(value: Any) -> str:
    """The kind of the Go value that a JSON value becomes."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int64"
    if isinstance(value, float):
        return "float64"
    if isinstance(value, str):
        return "string"
    return "map" if isinstance(value, dict) else "slice"


def _unconverted(value: Any, kind: Type) -> str:
    """Why a scalar cannot be converted: Go turns numbers into each other and into text, if it is let."""
    wanted = {"float64": "float64", "bool": "bool", **{name: name for name in _RANGES}}.get(kind.kind, "string")
    if isinstance(value, int | float) and not isinstance(value, bool) and wanted != "bool":
        return f"cannot convert {_go_kind(value)} to {kind.go}"
    return f"unrecognized type: {wanted}"


def _json_type(value: Any, *, number: bool) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return f"number {value}" if number else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _steps(where: Path | None) -> list[str]:
    """The fields on the way, without indices and keys."""
    steps: list[str] = []
    while where is not None:
        where, name = where
        if isinstance(name, str) and not isinstance(name, _Key):
            steps.append(name)
    return steps[::-1]


def _dotted(where: Path | None) -> str:
    """`spec.containers[0].x`."""
    steps: list[Any] = []
    while where is not None:
        where, name = where
        steps.append(name)
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in reversed(steps)).lstrip(".")
