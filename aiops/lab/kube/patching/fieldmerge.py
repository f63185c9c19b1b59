"""Merging a configuration into an object field by field, and taking fields out of an object by their paths.

Source: the `typed` package of structured-merge-diff (its `mergingWalker` and `removingWalker`).
"""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.patching.compare import indexed
from aiops.lab.kube.patching.fieldset import SELF, FieldSet, is_member
from aiops.lab.kube.patching.merging import Field


def merged(live: Any, config: Any, field: Field) -> Any:
    """The live value with what the configuration says; neither is changed."""
    if isinstance(live, dict) and isinstance(config, dict) and (live or config) and not field.atomic:
        both = dict(live)
        for name, value in config.items():
            both[name] = merged(live[name], value, field.child(name)) if name in live else value
        return both
    if isinstance(live, list) and isinstance(config, list) and (live or config) and field.list:
        return _merged_lists(live, config, field)
    return config


def _merged_lists(live: list[Any], config: list[Any], field: Field) -> list[Any]:
    """The items of both: those of the configuration in its order, each of the live ones before the next they share."""
    before, after, item = indexed(live, field), indexed(config, field), field.item
    out: list[Any] = []
    left, right = list(before), list(after)
    shared = [step for step in right if step in before]
    done: set[str] = set()

    def take(step: str) -> None:
        out.append(merged(before[step], after[step], item) if step in before else after[step])
        done.add(step)
        if shared and shared[0] == step:
            shared.pop(0)

    while left or right:
        if left and right:
            if left[0] == right[0]:
                left.pop(0)
                take(right.pop(0))
                continue
            if left[0] in after and shared and shared[0] != left[0]:
                left.pop(0)
                continue
        if left and left[0] not in after:
            out.append(before[left.pop(0)])
            continue
        if left and left[0] in done:
            left.pop(0)
        if right:
            take(right.pop(0))
    return out


def without(value: Any, fields: FieldSet, field: Field) -> Any:
    """The value without the fields of a set. A map or list that loses its last one is None."""
    if isinstance(value, dict) and value and not field.atomic:
        kept = {}
        for name, item in value.items():
            node = fields.get(f"f:{name}")
            if node is None:
                kept[name] = item
            elif not is_member(node):
                kept[name] = without(item, node, field.child(name))
        return kept or None
    if isinstance(value, list) and value and field.list:
        items = []
        for step, item in indexed(value, field).items():
            node = fields.get(step)
            if node is None:
                items.append(item)
            elif not is_member(node):
                items.append(without(item, node, field.item))
        return items or None
    return value


def with_parents(fields: FieldSet) -> FieldSet:
    """The set with every named field above its members as a member, too."""
    return {path: _with_parents(path, node) for path, node in fields.items()}


def _with_parents(path: str, node: FieldSet) -> FieldSet:
    if not node or path == SELF:
        return node
    below = with_parents(node)
    return {SELF: {}, **below} if path.startswith("f:") and SELF not in below else below
