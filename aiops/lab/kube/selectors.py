"""Label and field selectors, as a request writes them and as objects hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import bad_request
from aiops.lab.kube.kinds.resources import Resource

Predicate = Callable[[Manifest], bool]

_KEY = r"[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?"
_VALUE = r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?"
_SET = re.compile(rf"({_KEY})\s+(in|notin)\s*\(([^()]*)\)")
_EQUALS = re.compile(rf"({_KEY})\s*(==|=|!=)\s*({_VALUE})")
_EXISTS = re.compile(rf"(!?)\s*({_KEY})")
_COMMA = re.compile(r",(?![^(]*\))")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One test of a label: In, NotIn, Exists, DoesNotExist, Gt or Lt."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        if self.operator == "In":
            return value is not None and value in self.values
        if self.operator == "NotIn":
            return value is None or value not in self.values
        if self.operator == "Exists":
            return value is not None
        if self.operator == "DoesNotExist":
            return value is None
        return self._compares(value)

    def _compares(self, value: str | None) -> bool:
        if value is None or not value.lstrip("-").isdecimal() or not self.values[0].lstrip("-").isdecimal():
            return False
        left, right = int(value), int(self.values[0])
        return left > right if self.operator == "Gt" else left < right


def parse_labels(text: str) -> tuple[Requirement, ...]:
    """Read a label selector (`app=geo,tier in (a,b),!old`). Raises 400."""
    if not text.strip():
        return ()
    return tuple(_requirement(part.strip(), text) for part in _COMMA.split(text))


def _requirement(part: str, whole: str) -> Requirement:
    if match := _SET.fullmatch(part):
        operator = "In" if match[3] == "in" else "NotIn"
        return Requirement(match[1], operator, tuple(value.strip() for value in match[4].split(",")))
    if match := _EQUALS.fullmatch(part):
        return Requirement(match[1], "NotIn" if match[3] == "!=" else "In", (match[4],))
    if match := _EXISTS.fullmatch(part):
        return Requirement(match[2], "DoesNotExist" if match[1] else "Exists")
    raise bad_request(f"unable to parse requirement: found {part!r} in label selector {whole!r}")


def parse_fields(text: str, resource: Resource) -> Predicate:
    """Read a field selector (`metadata.name=geo,status.phase!=Running`). Raises 400 for a field without index."""
    tests = [_field_test(part, resource) for part in text.split(",") if part.strip()]
    return lambda manifest: all(test(manifest) for test in tests)


def _field_test(part: str, resource: Resource) -> Predicate:
    path, equals, wanted = part.partition("!=" if "!=" in part else "=")
    path, wanted = path.strip(), wanted.removeprefix("=").strip()
    if not equals:
        raise bad_request(f"invalid selector: {part!r}; can't understand {part!r}")
    if path not in ("metadata.name", "metadata.namespace", *resource.fields):
        raise bad_request(f'field label not supported: "{path}"')
    return lambda manifest: (_field(manifest, path) == wanted) == (equals == "=")


def _field(manifest: Manifest, path: str) -> str:
    value: Any = manifest
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, dict):  # an Event's source is known by its component
        value = value.get("component")
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def match_labels(requirements: tuple[Requirement, ...]) -> Predicate:
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


def matches_map(selector: Mapping[str, str] | None, labels: Mapping[str, str]) -> bool:
    """Does a plain map (a Service's selector) match? An empty one matches nothing."""
    return bool(selector) and all(labels.get(key) == value for key, value in (selector or {}).items())
