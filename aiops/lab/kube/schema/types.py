"""The types of all fields of all kinds, from the models of the official package: what a client writes must fit them.

The API server decodes a body into typed fields and refuses what does not fit; its null is a field that is not there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.core.quantity import parse_quantity
from aiops.lab.kube.errors import ApiError, bad_request
from aiops.lab.kube.kinds.validation import CHECKED

_MODELS = {"Event": "CoreV1Event"}
"""Kinds whose model is not named by version and kind."""

_QUANTITIES = frozenset(
    ("limits", "requests", "capacity", "allocatable", "hard", "used", "min", "max", "default", "defaultRequest")
)
_INT_OR_TEXT = frozenset(("port", "targetPort", "maxSurge", "maxUnavailable", "minAvailable"))
_WITHOUT_SPEC = frozenset(("Ingress", "PodDisruptionBudget", "HorizontalPodAutoscaler", "ResourceQuota", "LimitRange"))
"""Kinds whose spec may be left out; the server stores an empty one."""

_CONDITION = re.compile(r"conditions\[\d+\]$")
_OF_A_CONDITION = frozenset(("type", "status"))
"""Not every model of a condition says that these must be there."""

_INT64 = range(-(2**63), 2**63)
_DEEPEST = 100
_LIST = re.compile(r"[Ll]ist\[(.*)\]")
_MAP = re.compile(r"[Dd]ict[(\[]str, (.*)[)\]]")


def typed(manifest: Manifest) -> Manifest:
    """The object without its nulls. Raises 400 for the first field that does not fit its type or is missing."""
    version = str(manifest["apiVersion"]).rpartition("/")[2]
    kind = str(manifest["kind"])
    whole = kind not in CHECKED
    value: Manifest = _Fitting(whole).fit(manifest, _MODELS.get(kind, version.capitalize() + kind), "")
    if kind in _WITHOUT_SPEC:
        value.setdefault("spec", {})
    return value


@dataclass(frozen=True, slots=True)
class _Model:
    """JSON field -> type; and the fields that must be there."""

    fields: dict[str, str]
    required: frozenset[str]


@cache
def _model(name: str) -> _Model | None:
    """None where there is no such model."""
    from kubernetes.client import models  # slow to import (0.4 s); clients of the lab need not wait

    found = getattr(models, name, None)
    if found is None:
        return None
    needed = {found.attribute_map[name] for name, field in found.model_fields.items() if field.is_required()}
    return _Model({found.attribute_map[f]: kind for f, kind in found.openapi_types.items()}, frozenset(needed))


@dataclass(frozen=True, slots=True)
class _Fitting:
    """`whole`: required fields are looked for everywhere, not only in metadata and status.

    They are looked for in the object itself and in items of lists: a node of the lab has not all that a real one tells.
    """

    whole: bool

    def fit(self, value: Any, kind: str, path: str) -> Any:
        if path.count(".") > _DEEPEST:
            raise bad_request(f"error decoding the body: {path[:80]}... is nested too deeply")
        if kind == "object":
            return _free(value, path)
        if wanted := _LIST.fullmatch(kind):
            _must(isinstance(value, list), value, "list", path)
            return [self.fit(item, wanted[1], f"{path}[{index}]") for index, item in enumerate(value)]
        if wanted := _MAP.fullmatch(kind):
            return self._map(value, wanted[1], path)
        model = _model(kind)
        if model is None:
            _scalar(value, kind, path)
            return value
        return self._object(value, model, path)

    def _object(self, value: Any, model: _Model, path: str) -> dict[str, Any]:
        _must(isinstance(value, dict), value, "object", path)
        looked_for = self.whole or path.startswith(("metadata", "status"))
        if looked_for and (path.endswith("]") or not path):
            needed = model.required | (_OF_A_CONDITION if _CONDITION.search(path) else frozenset())
            for name in sorted(name for name in needed if value.get(name) is None):
                raise bad_request(f"{path}.{name}: Required value".lstrip("."))
        return {
            name: self.fit(item, model.fields.get(name, "object"), f"{path}.{name}" if path else name)
            for name, item in value.items()
            if item is not None
        }

    def _map(self, value: Any, kind: str, path: str) -> dict[str, Any]:
        _must(isinstance(value, dict), value, "map", path)
        there = {name: item for name, item in value.items() if item is not None}
        if _last(path) in _QUANTITIES:
            return {name: _quantity(item, f"{path}[{name}]") for name, item in there.items()}
        return {name: self.fit(item, kind, f"{path}[{name}]") for name, item in there.items()}


def _quantity(value: Any, path: str) -> Any:
    _must(isinstance(value, str | int | float) and not isinstance(value, bool), value, "quantity", path)
    try:
        parse_quantity(value)
    except InvalidInputError as error:
        # An empty or misspelt amount is told by the checks of values, with Kubernetes' own words.
        if not isinstance(value, str) or path.startswith("status"):
            raise _wrong(value, "quantity", path) from error
    return value


def _free(value: Any, path: str) -> Any:
    if _last(path) in _INT_OR_TEXT:
        _must(isinstance(value, str) or _is_int(value), value, "int or string", path)
    return value


def _scalar(value: Any, kind: str, path: str) -> None:
    if kind == "bool":
        _must(isinstance(value, bool), value, kind, path)
    elif kind == "int":
        _must(_is_int(value), value, "int64", path)
    elif kind == "float":
        _must(isinstance(value, float) or _is_int(value), value, kind, path)
    elif kind == "datetime":
        _must(isinstance(value, str), value, "time", path)
        try:
            from_rfc3339(value)
        except InvalidInputError as error:
            raise _wrong(value, "time", path) from error
    else:
        _must(isinstance(value, str), value, "string", path)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _INT64


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _must(fits: bool, value: Any, wanted: str, path: str) -> None:
    if not fits:
        raise _wrong(value, wanted, path)


def _wrong(value: Any, wanted: str, path: str) -> ApiError:
    what = f"cannot unmarshal {type(value).__name__} into field {path[:200]} of type {wanted}"
    return bad_request(f"error decoding the body: {what}")
