"""What the metrics of several kinds have in common: times, conditions, owners, amounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.exporters.exposition.samples import Metric

STATES = ("true", "false", "unknown")
_UNITS = {"cpu": "core", "memory": "byte", "storage": "byte", "ephemeral-storage": "byte"}


def moment(name: str, labels: Mapping[str, str], text: str | None) -> Iterator[Metric]:
    """A metric whose value is a time in unix seconds; nothing where there is no time."""
    if text:
        yield name, labels, from_rfc3339(text)


def created(kind: str, labels: Mapping[str, str], manifest: Manifest) -> Iterator[Metric]:
    """`kube_KIND_created`."""
    yield from moment(f"kube_{kind}_created", labels, manifest["metadata"].get("creationTimestamp"))


def conditions(name: str, labels: Mapping[str, str], status: Manifest) -> Iterator[Metric]:
    """Each condition of an object by its type, once for each state that it can be in."""
    for condition in status.get("conditions") or ():
        for state in STATES:
            value = float(condition["status"].lower() == state)
            yield name, {**labels, "condition": condition["type"], "status": state}, value


def owners(name: str, labels: Mapping[str, str], manifest: Manifest) -> Iterator[Metric]:
    """The owners of an object; one without a name where it has none."""
    found = manifest["metadata"].get("ownerReferences") or ()
    for owner in found:
        owned = {"owner_kind": owner.get("kind", ""), "owner_name": owner.get("name", "")}
        yield name, {**labels, **owned, "owner_is_controller": str(bool(owner.get("controller"))).lower()}, 1.0
    if not found:
        yield name, {**labels, "owner_kind": "", "owner_name": "", "owner_is_controller": ""}, 1.0


def amounts(name: str, labels: Mapping[str, str], found: Mapping[str, str] | None) -> Iterator[Metric]:
    """Quantities of resources, in base units."""
    for resource, amount in (found or {}).items():
        unit = {"resource": resource.translate(_PLAIN), "unit": _UNITS.get(resource, "integer")}
        yield name, {**labels, **unit}, parse_quantity(amount)


def counts(prefix: str, labels: Mapping[str, str], fields: Mapping[str, str], found: Manifest) -> Iterator[Metric]:
    """Numbers of a status or spec: `fields` are metric suffixes by the field's name; a number not there is 0."""
    for suffix, field in fields.items():
        yield f"{prefix}_{suffix}", labels, float(found.get(field) or 0)


_PLAIN = str.maketrans("./-", "___")
"""Resource names as kube-state-metrics writes them: `nvidia_com_gpu`."""
