"""The diff that a person approves: desired state as YAML, without secrets."""

from __future__ import annotations

import difflib

import yaml

from aiops.core.entity import Entity, Manifest
from aiops.core.fields import desired
from aiops.tools.kit.redaction import redact

CONTEXT_LINES = 4


def unified(entity: Entity, before: Manifest | None, after: Manifest | None) -> str:
    """A unified diff; empty where both ask for the same."""
    if before is not None and after is not None and desired(before) == desired(after):
        return ""
    lines = difflib.unified_diff(
        _yaml(before), _yaml(after), f"{entity} (now)", f"{entity} (proposed)", lineterm="", n=CONTEXT_LINES
    )
    text = "\n".join(lines)
    return f"{text}\n" if text else f"--- {entity}\n+++ {entity}\n a value that is not shown changes\n"


def _yaml(manifest: Manifest | None) -> list[str]:
    if manifest is None:
        return []
    return yaml.safe_dump(redact(desired(manifest)), sort_keys=True, default_flow_style=False).splitlines()
