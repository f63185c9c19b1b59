"""The four kinds of patches by content type."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.encoding.bodies import APPLY
from aiops.lab.kube.errors import bad_request, unsupported_media
from aiops.lab.kube.patching.jsonpatch import json_patch
from aiops.lab.kube.patching.mergepatch import merge_patch
from aiops.lab.kube.patching.strategic import strategic_merge

_PATCHES = {
    "application/json-patch+json": json_patch,
    "application/merge-patch+json": merge_patch,
    "application/strategic-merge-patch+json": strategic_merge,
    APPLY: strategic_merge,
}


def patched(media: str, document: Manifest, patch: Any) -> Manifest:
    """The document after a patch of the request's content type. Raises 400, 415, 422."""
    if media not in _PATCHES:
        raise unsupported_media(", ".join(_PATCHES))
    result = _PATCHES[media](document, patch)
    if not isinstance(result, dict) or not isinstance(result.get("metadata"), dict):
        raise bad_request("the patch leaves no object")
    return result
