"""Names of types in OpenAPI (`io.k8s.api.core.v1.Pod`), and what the official package's models say of them."""

from __future__ import annotations

from functools import cache
from typing import Any

_PACKAGES = {
    "meta": "io.k8s.apimachinery.pkg.apis.meta",
    "apiextensions": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
    "apiregistration": "io.k8s.kube-aggregator.pkg.apis.apiregistration",
    "v1beta1": "io.k8s.metrics.pkg.apis.metrics",
}
_SINGLE = {
    "resource.Quantity": "io.k8s.apimachinery.pkg.api.resource.Quantity",
    "intstr.IntOrString": "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    "runtime.RawExtension": "io.k8s.apimachinery.pkg.runtime.RawExtension",
}


def openapi_name(name: str) -> str:
    """The published name of a type of the table: `core/v1.Pod` is `io.k8s.api.core.v1.Pod`."""
    if name in _SINGLE:
        return _SINGLE[name]
    folder, _, kind = name.rpartition(".")
    package, _, version = folder.partition("/")
    return f"{_PACKAGES.get(package, f'io.k8s.api.{package}')}.{version}.{kind}"


@cache
def _model(name: str) -> Any:
    """The package's model of a type, or None."""
    from kubernetes.client import models  # slow to import (0.3 s): only who asks for descriptions waits

    folder, _, kind = name.rpartition(".")
    package, _, version = folder.partition("/")
    start = version.capitalize()
    return getattr(models, f"{package.capitalize()}{start}{kind}", None) or getattr(models, f"{start}{kind}", None)


@cache
def description(name: str) -> str:
    """What a type is, in one paragraph; empty where nobody says."""
    found = _model(name)
    lines = (found.__doc__ or "").strip().split("\n\n") if found is not None else [""]
    return lines[0].strip() if not lines[0].startswith("Attributes") else ""


@cache
def field_descriptions(name: str) -> dict[str, str]:
    """JSON field -> what it is."""
    found = _model(name)
    if found is None:
        return {}
    return {
        field.serialization_alias or own: " ".join((field.description or "").split())
        for own, field in found.model_fields.items()
    }
