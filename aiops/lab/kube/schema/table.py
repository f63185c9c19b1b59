"""The types of the API, field by field: what each may hold, and how lists and maps are merged.

`types.txt` is the table; the program `tests/cluster/controlplane/types` writes it from Kubernetes' own Go types and
published marks. One line a field: name in JSON, Go type, number in protobuf, marks. A star stands for the fields of
another type.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("types.txt")
_SCALARS = {
    "string": "string",
    "bool": "bool",
    "int32": "int32",
    "int64": "int64",
    "int": "int64",
    "uint8": "uint8",
    "float64": "float64",
    "resource.Quantity": "quantity",
    "intstr.IntOrString": "int-or-string",
    "meta/v1.Time": "time",
    "meta/v1.MicroTime": "micro-time",
    "meta/v1.Duration": "duration",
}
_FREE = (
    "meta/v1.FieldsV1",
    "runtime.RawExtension",
    "apiextensions/v1.JSON",
    "apiextensions/v1.JSONSchemaPropsOrArray",
    "apiextensions/v1.JSONSchemaPropsOrBool",
    "apiextensions/v1.JSONSchemaPropsOrStringArray",
)
"""Types that hold any JSON."""


@dataclass(frozen=True, slots=True)
class Type:
    """What a field holds. `kind` is `struct`, `list`, `map`, `bytes`, `any` or a scalar (`string`, `int32`, `quantity`,
    `time`, ...); `go` is the type as Go prints it; `item` is a list's or map's element."""

    kind: str
    go: str
    name: str = ""
    """The name in the table, of a struct or a type that holds any JSON."""
    item: Type | None = None
    pointer: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a struct. `always`: it is written even when it is empty. Marks are as in the published OpenAPI
    (`x-kubernetes-list-type` and so on); `list_type` is empty where a list has none."""

    name: str
    type: Type
    number: int = 0
    always: bool = False
    omit_zero: bool = False
    required: bool = False
    list_type: str = ""
    list_keys: tuple[str, ...] = ()
    map_type: str = ""
    patch_strategy: tuple[str, ...] = ()
    merge_key: str = ""
    default: str | None = None
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Struct:
    """`fields` by JSON name, those of `inline` structs among them; `inline` are (type, protobuf number)."""

    name: str
    fields: dict[str, Field]
    inline: tuple[tuple[str, int], ...] = ()
    map_type: str = ""
    typed: bool = False
    """Has apiVersion and kind of its own."""

    @property
    def go(self) -> str:
        """The Go name without its package, as decoding errors tell it."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class _Lines:
    kinds: dict[tuple[str, str], str]
    bases: dict[str, str]
    structs: dict[str, list[str]]


@cache
def _lines() -> _Lines:
    found = _Lines({}, {}, {})
    body: list[str] = []
    for line in _FILE.read_text().splitlines():
        if line.startswith(" "):
            body.append(line[1:])
            continue
        word, name, rest = (*line.split(" ", 2), "")[:3]
        if word == "type":
            body = found.structs.setdefault(name, [rest])
        elif word == "base":
            found.bases[name] = rest
        else:
            kind, _, type_name = rest.partition(" ")
            found.kinds[name, kind] = type_name
    return found


def kinds() -> dict[tuple[str, str], str]:
    """(apiVersion, kind) -> name of its struct, lists and options among them."""
    return _lines().kinds


def type_of(api_version: str, kind: str) -> Struct | None:
    """The struct of a built-in kind; None for others."""
    name = _lines().kinds.get((api_version, kind))
    return None if name is None else struct(name)


@cache
def struct(name: str) -> Struct:
    """One struct by its name in the table (`core/v1.PodSpec`). Raises KeyError."""
    head, *lines = _lines().structs[name]
    fields: dict[str, Field] = {}
    inline: list[tuple[str, int]] = []
    typed = False
    for line in lines:
        words = line.split(" ")
        if words[0] == "-":
            typed = True
        elif words[0] == "*":
            inline.append((words[1], int(words[2])))
            fields.update(struct(words[1]).fields)
        else:
            fields[words[0]] = _field(words)
    return Struct(name, fields, tuple(inline), head.partition("=")[2], typed)


def _field(words: list[str]) -> Field:
    name, type_text, number, *rest = words
    marks = {mark.partition("=")[0]: mark.partition("=")[2] for mark in rest}
    return Field(
        name,
        read_type(type_text),
        int(number),
        always="always" in marks,
        omit_zero="omitzero" in marks,
        required="required" in marks,
        list_type=marks.get("list", ""),
        list_keys=_parts(marks.get("keys", ""), ","),
        map_type=marks.get("map", ""),
        patch_strategy=_parts(marks.get("patch", ""), ","),
        merge_key=marks.get("key", ""),
        default=marks.get("default"),
        enum=tuple(value.replace("~", " ") for value in _parts(marks.get("enum", ""), "|")),
    )


def _parts(text: str, separator: str) -> tuple[str, ...]:
    return tuple(text.split(separator)) if text else ()


@cache
def read_type(text: str) -> Type:
    """A type as the table writes it: `[]core/v1.Container`, `map[string]resource.Quantity`, `*int32`."""
    if text.startswith("*"):
        return replace(read_type(text[1:]), pointer=True)
    if text in _SCALARS:
        return Type(_SCALARS[text], _printed(text), text)
    if text in _FREE:
        return Type("any", _printed(text), text)
    if base := _lines().bases.get(text):
        return replace(read_type(base), go=_printed(text))
    if text.startswith("[]"):
        item = read_type(text[2:])
        return Type("bytes" if item.kind == "uint8" else "list", f"[]{_nested(item)}", item=item)
    if text.startswith("map["):
        key, _, value = text[4:].partition("]")
        item = read_type(value)
        return Type("map", f"map[{_printed(key)}]{_nested(item)}", item=item)
    return Type("struct", _printed(text), text)


def _nested(item: Type) -> str:
    return f"*{item.go}" if item.pointer else item.go


def _printed(name: str) -> str:
    """As Go prints a type: its package's last part and its name."""
    return name.rpartition("/")[2]
