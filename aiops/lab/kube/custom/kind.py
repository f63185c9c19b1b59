"""What a version of a CustomResourceDefinition says of its objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.custom.jsonpath import assign, first
from aiops.lab.kube.custom.pruning import prune, set_defaults
from aiops.lab.kube.custom.rules import has_rules, part_problems, rule_problems, stops_rules, unjudged
from aiops.lab.kube.custom.validation import schema_problems
from aiops.lab.kube.errors import ApiError, Cause
from aiops.lab.kube.kinds.checks.causes import invalid_value
from aiops.lab.kube.kinds.rules.base import Reader, Rules
from aiops.lab.kube.objects import deleting

_AGE = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp",
        "description": "CreationTimestamp is a timestamp representing the server time when this object was created. It "
        "is not guaranteed to be set in happens-before order across separate operations. Clients may not set this "
        "value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for "
        "lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"
        "#metadata"}  # fmt: skip


@dataclass(frozen=True)
class CustomKind:
    """One version of a custom kind; `version` is the entry of the definition's `versions`."""

    version: dict[str, Any]
    preserve: bool = False
    definition: str = ""
    """The name of the definition, `plural.group`."""

    storage: str = ""
    """The version in which objects are stored, where only a webhook can convert them to another one."""

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The structural schema; empty where the definition has none."""
        return (self.version.get("schema") or {}).get("openAPIV3Schema") or {}

    @cached_property
    def has_rules(self) -> bool:
        """Does the schema say something in the Common Expression Language?"""
        return has_rules(self.schema)

    @cached_property
    def columns(self) -> list[dict[str, Any]]:
        """`additionalPrinterColumns`; the age alone where there are none."""
        return self.version.get("additionalPrinterColumns") or [_AGE]

    @cached_property
    def scale(self) -> dict[str, str] | None:
        """The paths of the scale subresource."""
        return (self.version.get("subresources") or {}).get("scale")

    @property
    def has_status(self) -> bool:
        return "status" in (self.version.get("subresources") or {})

    @cached_property
    def rules(self) -> CustomRules:
        return CustomRules(self)

    def prune(self, new: Manifest) -> list[str]:
        """Remove unknown fields in place; gives their paths."""
        return [] if self.preserve or not self.schema else prune(new, self.schema)

    def scale_fields(self, item: Manifest) -> tuple[Any, Any, Any]:
        """What stands at the paths of the scale subresource: the wished replicas, those there are, the selector."""
        paths = self.scale or {}
        names = ("specReplicasPath", "statusReplicasPath", "labelSelectorPath")
        wished, counted, selector = (first(item, paths[name]) if paths.get(name) else None for name in names)
        return wished, counted, selector

    def assign_replicas(self, item: Manifest, replicas: int) -> None:
        """Set the wished number of replicas, in place."""
        assign(item, (self.scale or {})["specReplicasPath"], replicas)


class CustomRules(Rules):
    """The rules of custom objects."""

    def __init__(self, kind: CustomKind) -> None:
        self._kind = kind
        self.drops_status = kind.has_status

    def default(self, new: Manifest) -> None:
        self._kind.prune(new)
        set_defaults(new, self._kind.schema)

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        definition = reader.find("CustomResourceDefinition", "", self._kind.definition)
        if definition is not None and deleting(definition):
            plural, _, group = self._kind.definition.partition(".")
            name = new["metadata"]["name"]
            why = "create not allowed while custom resource definition is terminating"
            details = {"name": name, "group": group, "kind": plural}
            text = f'{self._kind.definition} "{name}" is forbidden: {why}'
            raise ApiError(403, "Forbidden", text, details)

    def validate(self, new: Manifest) -> Iterator[Cause]:
        yield from self._all(new, None)

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self._all(new, old)

    def _all(self, new: Manifest, old: Manifest | None) -> Iterator[Cause]:
        """What the schema has against an object, and then what the rules in it have."""
        wrong = list(schema_problems(new, self._kind.schema))
        yield from wrong
        if self._kind.has_rules:
            yield from [unjudged()] if stops_rules(wrong) else rule_problems(new, old, self._kind.schema)
        yield from self._replicas(new)

    def validate_status(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        schema = (self._kind.schema.get("properties") or {}).get("status")
        if schema is None or "status" not in new:
            return
        wrong = list(schema_problems(new["status"], schema))
        for cause in wrong:
            inner = f".{cause.field}" if cause.field else ""
            yield Cause(cause.reason, cause.message, "<nil>" if cause.field == "<nil>" else f"status{inner}")
        if self._kind.has_rules:
            before = old.get("status")
            yield from [unjudged()] if stops_rules(wrong) else part_problems(new["status"], before, schema, "status")

    def counts_change(self, new: Manifest, old: Manifest) -> bool:
        """Without a status of its own, a change of `status` counts as any other."""
        apart = ("metadata", "status") if self._kind.has_status else ("metadata",)
        return any(new.get(key) != old.get(key) for key in {*new, *old} if key not in apart)

    def _replicas(self, new: Manifest) -> Iterator[Cause]:
        path = (self._kind.scale or {}).get("specReplicasPath")
        replicas = first(new, path) if path else None
        if isinstance(replicas, int) and replicas < 0:
            yield invalid_value(str(path), replicas, "should be a non-negative integer")
