"""Alert rules that follow from what users are promised."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aiops.lab.apps.demand import Objective, Operation

_TOKEN = re.compile(r"<(errors|seconds|only|and)>")


def promise_rules(
    templates: Sequence[dict[str, Any]], objective: Objective, operations: Sequence[Operation]
) -> list[dict[str, Any]]:
    """The rules for each objective, from the platform's templates: first that of the whole application, then those of
    operations with one of their own, which name the operation."""
    own = {operation.name: operation for operation in operations if operation.objective is not None}
    rules = _filled(templates, objective, _selector("!~", list(own.values())))
    for operation in own.values():
        rules += _filled(templates, operation.objective or objective, _selector("=~", [operation]), operation.name)
    return rules


def _selector(matches: str, operations: Sequence[Operation]) -> str:
    """A matcher of the ingress' paths; empty where it would match all of them."""
    paths = "|".join(dict.fromkeys(operation.path for operation in operations))
    return f'path{matches}"{paths}"' if paths else ""


def _filled(
    templates: Sequence[dict[str, Any]], objective: Objective, selector: str, operation: str = ""
) -> list[dict[str, Any]]:
    values = {
        "errors": f"{1 - objective.availability:g}",
        "seconds": f"{objective.latency_seconds:g}",
        "only": f"{{{selector}}}" if selector else "",
        "and": f", {selector}" if selector else "",
    }
    made = [_replaced(template, values) for template in templates]
    return [{**rule, "labels": {**rule["labels"], "operation": operation}} if operation else rule for rule in made]


def _replaced(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(entry, values) for key, entry in value.items()}
    return _TOKEN.sub(lambda found: values[found[1]], value) if isinstance(value, str) else value
