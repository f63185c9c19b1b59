"""What a column of a table is, and the columns that many kinds share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.discovery.openapi.names import description, field_descriptions
from aiops.lab.kube.discovery.tables.durations import since
from aiops.lab.kube.schema.table import struct
from aiops.lab.kube.selectors import selector_text

Cell = Callable[[Manifest, float], Any]
"""(object, now in unix seconds) -> what stands in the column."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `said` is its description, or where the published API has it (`core/v1.PodStatus:podIP`). Wide ones
    are shown by `-o wide` alone."""

    name: str
    cell: Cell
    said: str = ""
    wide: bool = False
    type: str = "string"
    format: str = ""

    def definition(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": _description(self.said),
            "priority": int(self.wide),
        }


def _description(said: str) -> str:
    type_name, found, field = said.partition(":")
    if not found or " " in type_name:
        return said
    text = field_descriptions(type_name).get(field, "")
    kind = struct(type_name).fields[field].type
    return text or description((kind.item or kind).name)


def path(*steps: str, missing: Any = "<none>") -> Cell:
    """The value at a path of fields, `missing` where there is none."""

    def read(item: Manifest, _now: float) -> Any:
        value: Any = item
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        return missing if value is None or value == "" else value

    return read


def number(*steps: str) -> Cell:
    return path(*steps, missing=0)


def count(*steps: str) -> Cell:
    """How many items or keys there are."""
    read = path(*steps, missing=())
    return lambda item, now: len(read(item, now))


def joined(values: Iterable[Any], missing: str = "<none>") -> str:
    return ",".join(str(value) for value in values) or missing


def few(values: list[str], total: int, most: int, empty: str) -> str:
    """The first values, and how many more there are."""
    text = ",".join(values[:most]) or empty
    return f"{text} + {total - most} more..." if total > most else text


def labels_text(labels: dict[str, str] | None) -> str:
    """As `labels.FormatLabels`: `a=b,c=d`."""
    return joined(f"{key}={value}" for key, value in sorted((labels or {}).items()))


def selector_cell(selector: dict[str, Any] | None, missing: str = "<none>") -> str:
    """A LabelSelector as kubectl shows it."""
    return (selector_text(selector) if selector else "") or missing


def template_containers(field: str, *steps: str) -> Cell:
    """The names or images of a pod template's containers."""
    read = path(*(steps or ("spec", "template", "spec")), "containers", missing=())
    return lambda item, now: ",".join(str(container.get(field, "")) for container in read(item, now))


def template_columns(*steps: str) -> tuple[Column, Column]:
    return (
        Column("Containers", template_containers("name", *steps), "Names of each container in the template.", True),
        Column("Images", template_containers("image", *steps), "Images referenced by each container in the template.",
               True),
    )  # fmt: skip


CREATED = (
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed "
    "to be set in happens-before order across separate operations. Clients may not set this value. It is represented "
    "in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
)
NAMED = "meta/v1.ObjectMeta:name"
NAME = Column("Name", path("metadata", "name", missing=""), NAMED, format="name")
AGE = Column("Age", lambda item, now: since(item["metadata"].get("creationTimestamp"), now), CREATED)
CREATED_AT = Column("Created At", path("metadata", "creationTimestamp", missing=None), CREATED, type="date")
