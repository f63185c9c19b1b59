"""Names of types in OpenAPI (`io.k8s.api.core.v1.Pod`), and what the official package's models say of them.

The models are read as text: importing them takes longer than anybody who asks for one kind should wait.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_PACKAGES = {
    "meta": "io.k8s.apimachinery.pkg.apis.meta",
    "apiextensions": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
    "apiregistration": "io.k8s.kube-aggregator.pkg.apis.apiregistration",
    "metrics": "io.k8s.metrics.pkg.apis.metrics",
}
_SINGLE = {
    "resource.Quantity": "io.k8s.apimachinery.pkg.api.resource.Quantity",
    "intstr.IntOrString": "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    "runtime.RawExtension": "io.k8s.apimachinery.pkg.runtime.RawExtension",
}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def openapi_name(name: str) -> str:
    """The published name of a type of the table: `core/v1.Pod` is `io.k8s.api.core.v1.Pod`."""
    if name in _SINGLE:
        return _SINGLE[name]
    package, version, kind = _parts(name)
    return f"{_PACKAGES.get(package, f'io.k8s.api.{package}')}.{version}.{kind}"


def _parts(name: str) -> tuple[str, str, str]:
    folder, _, kind = name.rpartition(".")
    package, _, version = folder.partition("/")
    return package, version, kind


@cache
def _model(name: str) -> ast.ClassDef | None:
    """The class of a type's model, or None."""
    package, version, kind = _parts(name)
    spec = find_spec("kubernetes")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0], "client", "models")
    snake = _WORD.sub("_", f"{version.capitalize()}{kind}").lower()
    for file in (folder / f"{package}_{snake}.py", folder / f"{snake}.py"):
        if file.exists():
            tree = ast.parse(file.read_text())
            return next((node for node in tree.body if isinstance(node, ast.ClassDef)), None)
    return None


@cache
def description(name: str) -> str:
    """What a type is, in one paragraph; empty where nobody says."""
    model = _model(name)
    text = (ast.get_docstring(model) or "") if model is not None else ""
    paragraph = text.split("\n\n")[0].strip()
    return "" if paragraph.startswith("Attributes") else paragraph


@cache
def field_descriptions(name: str) -> dict[str, str]:
    """JSON field -> what it is."""
    model = _model(name)
    found: dict[str, str] = {}
    for node in model.body if model is not None else ():
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(node.value, ast.Call):
            said = {each.arg: each.value.value for each in node.value.keywords if isinstance(each.value, ast.Constant)}
            text = str(said.get("description") or "")
            found[str(said.get("serialization_alias") or node.target.id)] = text
    return found
