"""CustomResourceDefinitions: names, versions, schemas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.lab.kube.custom.jsonpath import parse_path
from aiops.lab.kube.custom.structure import structure_problems
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import (
    IMMUTABLE,
    duplicate,
    forbidden,
    invalid_value,
    not_supported,
    required,
)
from aiops.lab.kube.kinds.checks.formats import dns_1035, dns_subdomain
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

Spec = dict[str, Any]

_SCOPES = ("Cluster", "Namespaced")
_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_SELECTABLE = ("string", "boolean", "integer")
_PROTECTED = re.compile(r"(.*\.)?(k8s|kubernetes)\.io")
_APPROVED = "api-approved.kubernetes.io"


@rules("CustomResourceDefinition")
class DefinitionRules(Rules):
    """As `ValidateCustomResourceDefinition`."""

    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        names = spec.setdefault("names", {})
        if names.get("kind"):
            names.setdefault("singular", names["kind"].lower())
            names.setdefault("listKind", f"{names['kind']}List")
        spec.setdefault("conversion", {}).setdefault("strategy", "None")

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        stored = [v["name"] for v in new["spec"].get("versions") or () if v.get("storage")][:1]
        new["status"] = {
            "conditions": None,
            "acceptedNames": {"plural": "", "kind": ""},
            "storedVersions": stored or None,
        }

    def prepare_update(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        status = dict(new.get("status") or {})
        known = status.get("storedVersions") or []
        stored = [v["name"] for v in new["spec"].get("versions") or () if v.get("storage")][:1]
        status["storedVersions"] = [*known, *(name for name in stored if name not in known)]
        new["status"] = status

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec, name = new["spec"], new["metadata"]["name"]
        names = spec["names"]
        if name != f"{names.get('plural', '')}.{spec.get('group', '')}" or _wrong_name(spec):
            yield invalid_value("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
        yield from _group(spec.get("group", ""))
        yield from _scope(spec.get("scope", ""))
        yield from _versions(spec, new.get("status") or {})
        yield from _names(names)
        yield from _parts(spec)
        yield from _conversion(spec["conversion"])
        approved = (new["metadata"].get("annotations") or {}).get(_APPROVED)
        if _PROTECTED.fullmatch(spec.get("group", "")) and not approved:
            why = (
                f'protected groups must have approval annotation "{_APPROVED}", '
                "see https://github.com/kubernetes/enhancements/pull/1111"
            )
            yield required(f"metadata.annotations[{_APPROVED}]", why)

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self.validate(new)
        conditions = (old.get("status") or {}).get("conditions") or ()
        if any(c["type"] == "Established" and c["status"] == "True" for c in conditions):
            for field in ("scope", "group"):
                if new["spec"].get(field) != old["spec"].get(field):
                    yield invalid_value(f"spec.{field}", new["spec"].get(field), IMMUTABLE)
            for field in ("plural", "kind"):
                now = new["spec"]["names"].get(field)
                if now != old["spec"]["names"].get(field):
                    yield invalid_value(f"spec.names.{field}", now, IMMUTABLE)


def _wrong_name(spec: Spec) -> bool:
    """Its parts can't make a name."""
    group, plural = spec.get("group", ""), spec["names"].get("plural", "")
    return bool(dns_1035(plural.lower())) or (bool(group) and "." not in group) or plural != plural.lower()


def _group(group: str) -> Iterator[Cause]:
    if not group:
        yield required("spec.group")
    elif wrong := dns_subdomain(group):
        yield invalid_value("spec.group", group, ",".join(wrong))
    elif "." not in group:
        yield invalid_value("spec.group", group, "should be a domain with at least one dot")


def _scope(scope: str) -> Iterator[Cause]:
    if not scope:
        yield required("spec.scope")
    elif scope not in _SCOPES:
        yield not_supported("spec.scope", scope, _SCOPES)


def _versions(spec: Spec, status: Spec) -> Iterator[Cause]:
    versions = spec.get("versions") or []
    for index, version in enumerate(versions):
        path = f"spec.versions[{index}]"
        if (version.get("schema") or {}).get("openAPIV3Schema") is None:
            yield required(f"{path}.schema.openAPIV3Schema")
        if wrong := dns_1035(version.get("name", "")):
            yield invalid_value(f"{path}.name", version.get("name", ""), ",".join(wrong))
    if len({version.get("name") for version in versions}) < len(versions):
        yield invalid_value("spec.versions", _internal(versions), "must contain unique version names")
    if versions and (wrong := dns_1035(versions[0].get("name", ""))):
        yield invalid_value("spec.version", versions[0].get("name", ""), ",".join(wrong))
    storage = [version.get("name") for version in versions if version.get("storage")]
    if len(storage) != 1:
        why = "must have exactly one version marked as storage version"
        yield invalid_value("spec.versions", _internal(versions), why)
    stored = status.get("storedVersions")
    if not stored:
        yield invalid_value("status.storedVersions", None, "must have at least one stored version")
        return
    for name in storage:
        if name not in stored:
            yield invalid_value("status.storedVersions", stored, f"must have the storage version {name}")


def _internal(versions: list[Spec]) -> list[Spec]:
    """Versions as the server's own types write them; what all have in common stands elsewhere."""
    return [
        {
            "Name": version.get("name", ""),
            "Served": bool(version.get("served")),
            "Storage": bool(version.get("storage")),
            "Deprecated": bool(version.get("deprecated")),
            "DeprecationWarning": version.get("deprecationWarning"),
            "Schema": None,
            "Subresources": None,
            "AdditionalPrinterColumns": None,
            "SelectableFields": None,
        }
        for version in versions
    ]


def _names(names: Spec) -> Iterator[Cause]:
    path = "spec.names"
    for field in ("plural", "singular", "kind", "listKind"):
        if not names.get(field):
            yield required(f"{path}.{field}")
    for field in ("plural", "singular"):
        if names.get(field) and (wrong := dns_1035(names[field])):
            yield invalid_value(f"{path}.{field}", names[field], ",".join(wrong))
    for field in ("kind", "listKind"):
        if names.get(field) and (wrong := dns_1035(names[field].lower())):
            why = "may have mixed case, but should otherwise match: " + ",".join(wrong)
            yield invalid_value(f"{path}.{field}", names[field], why)
    for field in ("shortNames", "categories"):
        for index, name in enumerate(names.get(field) or ()):
            if wrong := dns_1035(name):
                yield invalid_value(f"{path}.{field}[{index}]", name, ",".join(wrong))
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        yield invalid_value(f"{path}.listKind", names["listKind"], "kind and listKind may not be the same")


def _parts(spec: Spec) -> Iterator[Cause]:
    """Schema, columns and subresources of each version; what all have in common is told once."""
    versions = spec.get("versions") or []
    for field, common in (("schema", "spec.validation"), ("subresources", "spec.subresources"),
                          ("additionalPrinterColumns", "spec.additionalPrinterColumns"),
                          ("selectableFields", "spec.selectableFields")):  # fmt: skip
        values = [version.get(field) for version in versions]
        shared = bool(values) and all(value == values[0] for value in values)
        for index, value in enumerate(values[:1] if shared else values):
            if value is not None:
                path = common if shared else f"spec.versions[{index}].{field}"
                yield from _CHECKS[field](value, path, versions[index])


def _schema(value: Spec, path: str, version: Spec) -> Iterator[Cause]:
    del version
    if value.get("openAPIV3Schema") is not None:
        yield from structure_problems(value["openAPIV3Schema"], f"{path}.openAPIV3Schema")


def _subresources(value: Spec, path: str, version: Spec) -> Iterator[Cause]:
    del version
    scale = value.get("scale")
    if scale is None:
        return
    for field, root in (("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")):
        given = scale.get(field, "")
        if not given:
            yield required(f"{path}.scale.{field}")
        else:
            yield from _simple_path(given, f"{path}.scale.{field}", root)


def _simple_path(given: str, path: str, root: str) -> Iterator[Cause]:
    if not given.startswith("."):
        yield invalid_value(path, given, "must be a simple json path starting with .")
    elif not given.startswith(root):
        yield invalid_value(path, given, f"should be a json path under {root.rstrip('.')}")


def _columns(value: list[Spec], path: str, version: Spec) -> Iterator[Cause]:
    del version
    known = ",".join(_COLUMN_TYPES)
    for index, column in enumerate(value):
        where = f"{path}[{index}]"
        if not column.get("name"):
            yield required(f"{where}.name")
        if not column.get("type"):
            yield required(f"{where}.type", f"must be one of {known}")
        elif column["type"] not in _COLUMN_TYPES:
            yield invalid_value(f"{where}.type", column["type"], f"must be one of {known}")
        given = column.get("jsonPath", "")
        if not given:
            yield required(f"{where}.JSONPath")
        elif not given.startswith("."):
            yield invalid_value(f"{where}.JSONPath", given, "must be a simple json path starting with .")


def _selectable(value: list[Spec], path: str, version: Spec) -> Iterator[Cause]:
    seen: set[str] = set()
    schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    for index, field in enumerate(value):
        where, given = f"{path}[{index}].jsonPath", field.get("jsonPath", "")
        if not given:
            yield required(where)
            continue
        if given.startswith(".metadata"):
            yield invalid_value(where, given, "must not point to fields in metadata")
        elif _type_at(schema, given) not in _SELECTABLE:
            why = (
                "must point to a field of type string, boolean or integer. Enum string fields and strings with formats "
                "are allowed."
            )
            yield invalid_value(where, given, why)
        if given in seen:
            yield duplicate(where, given)
        seen.add(given)


def _type_at(schema: Spec, path: str) -> str:
    try:
        steps = parse_path(path)
    except InvalidInputError:
        return ""
    for _, name, _ in steps:
        schema = (schema.get("properties") or {}).get(name) or {}
    return str(schema.get("type", ""))


def _conversion(conversion: Spec) -> Iterator[Cause]:
    path, strategy = "spec.conversion", conversion.get("strategy", "None")
    if strategy not in ("None", "Webhook"):
        yield not_supported(f"{path}.strategy", strategy, ("None", "Webhook"))
    elif strategy == "None":
        if conversion.get("webhook"):
            yield forbidden(f"{path}.webhookClientConfig", "should not be set when strategy is not set to Webhook")
    else:
        webhook = conversion.get("webhook") or {}
        if not webhook.get("clientConfig"):
            yield required(f"{path}.webhookClientConfig", "required when strategy is set to Webhook")
        if not webhook.get("conversionReviewVersions"):
            yield required(f"{path}.conversionReviewVersions")


_CHECKS: dict[str, Callable[[Any, str, Spec], Iterator[Cause]]] = {
    "schema": _schema,
    "subresources": _subresources,
    "additionalPrinterColumns": _columns,
    "selectableFields": _selectable,
}
