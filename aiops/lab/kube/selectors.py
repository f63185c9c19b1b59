"""Label and field selectors, as a request writes them and as objects hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import bad_request
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.labelselector import Requirement, parse_labels

__all__ = [
    "Predicate",
    "Requirement",
    "everything",
    "match_labels",
    "matches_map",
    "matches_selector",
    "parse_fields",
    "parse_labels",
    "requirement_of",
    "selector_of",
    "selector_text",
]

Predicate = Callable[[Manifest], bool]


_ALWAYS = ("metadata.name", "metadata.namespace")


def everything(_: Manifest) -> bool:
    """The predicate of no selector at all."""
    return True


def parse_fields(text: str, resource: Resource) -> Predicate:
    """Read a field selector (`metadata.name=geo,status.phase!=Running`). Raises 400 for a field without index."""
    tests = [_field_test(part, resource, text) for part in text.split(",") if part]
    if len(tests) == 1:
        return tests[0]
    return (lambda manifest: all(test(manifest) for test in tests)) if tests else everything


def _field_test(part: str, resource: Resource, whole: str) -> Predicate:
    path, equals, wanted = part.partition("!=" if "!=" in part else "=")
    wanted = wanted.removeprefix("=") if equals == "=" else wanted
    if not equals:
        raise bad_request(f"invalid selector: '{whole}'; can't understand '{part}'")
    if path not in (*_ALWAYS, *resource.fields):
        if not resource.fields:
            known = ", ".join(f'"{each}"' for each in _ALWAYS)
            raise bad_request(f'"{path}" is not a known field selector: only {known}')
        raise bad_request(f"field label not supported: {path}")
    steps = tuple(path.split("."))
    return lambda manifest: (_field(manifest, steps) == wanted) == (equals == "=")


def _field(manifest: Manifest, steps: tuple[str, ...]) -> str:
    value: Any = manifest
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, dict):  # an Event's source is known by its component
        value = value.get("component")
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def match_labels(requirements: tuple[Requirement, ...]) -> Predicate:
    if not requirements:
        return everything
    return lambda manifest: all(
        requirement.matches(manifest["metadata"].get("labels") or {}) for requirement in requirements
    )


def matches_selector(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Does a LabelSelector object (`matchLabels`, `matchExpressions`) match? An empty one matches everything."""
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(requirement_of(entry).matches(labels) for entry in selector.get("matchExpressions") or ())


def requirement_of(entry: Mapping[str, Any]) -> Requirement:
    """One item of `matchExpressions`."""
    return Requirement(entry["key"], entry["operator"], tuple(entry.get("values") or ()))


def selector_of(requirements: tuple[Requirement, ...]) -> dict[str, Any]:
    """A LabelSelector object of requirements."""
    plain = {each.key: each.values[0] for each in requirements if each.operator == "In" and len(each.values) == 1}
    others = [each for each in requirements if not (each.operator == "In" and plain.get(each.key) in each.values)]
    expressions = [{"key": each.key, "operator": each.operator, "values": list(each.values)} for each in others]
    return {"matchLabels": plain, "matchExpressions": expressions}


def selector_text(selector: Mapping[str, Any]) -> str:
    """A LabelSelector object in the form of a request: `app=web,tier in (a,b),!old`; nothing for one that is empty."""
    told = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    for entry in selector.get("matchExpressions") or ():
        key, operator = entry["key"], entry["operator"]
        values = f"({','.join(sorted(entry.get('values') or ()))})"
        forms = {"In": f"{key} in {values}", "NotIn": f"{key} notin {values}", "Exists": key, "DoesNotExist": f"!{key}"}
        told.append((key, forms.get(operator, key)))
    return ",".join(text for _, text in sorted(told))


def matches_map(selector: Mapping[str, str] | None, labels: Mapping[str, str]) -> bool:
    """Does a plain map (a Service's selector) match? An empty one matches nothing."""
    return bool(selector) and all(labels.get(key) == value for key, value in (selector or {}).items())
