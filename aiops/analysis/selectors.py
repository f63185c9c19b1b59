"""Kubernetes label selectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def matches(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Does a LabelSelector (`matchLabels`, `matchExpressions`) select these labels? None selects nothing, an empty
    one everything."""
    if selector is None:
        return False
    if not subset(selector.get("matchLabels") or {}, labels):
        return False
    return all(_expression(e, labels) for e in selector.get("matchExpressions") or ())


def subset(wanted: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Do `labels` hold every pair of `wanted`?"""
    return all(labels.get(key) == value for key, value in wanted.items())


def _expression(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or ()
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case unknown:
            raise ValueError(f"label selector on {key!r} has an unknown operator {unknown!r}")
