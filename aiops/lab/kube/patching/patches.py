"""The kinds of patches by content type."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.patching.jsonpatch import json_patch, refused
from aiops.lab.kube.patching.mergepatch import merge_patch
from aiops.lab.kube.patching.merging import PLAIN, Field
from aiops.lab.kube.patching.strategic import strategic_merge

JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


def patched(media: str, document: Manifest, patch: Any, merging: Field = PLAIN) -> Manifest:
    """The document after a patch of the request's content type; `merging` says how its fields merge. Raises 400, 422,
    500."""
    if media == STRATEGIC:
        return dict(strategic_merge(document, patch, merging))
    result = json_patch(document, patch) if media == JSON_PATCH else merge_patch(document, patch)
    if not isinstance(result, dict):
        raise refused()
    return result
