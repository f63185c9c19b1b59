"""The body of a request, and the four kinds of patches by content type."""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from aiops.core.entity import Manifest
from aiops.lab.kube.encoding.protobuf import MEDIA as PROTOBUF
from aiops.lab.kube.encoding.protobuf import decode_object
from aiops.lab.kube.errors import bad_request, too_large, unsupported_media
from aiops.lab.kube.patching.jsonpatch import json_patch
from aiops.lab.kube.patching.mergepatch import merge_patch
from aiops.lab.kube.patching.strategic import strategic_merge

JSON = "application/json"
YAML = "application/yaml"
APPLY = "application/apply-patch+yaml"
_PATCHES = {
    "application/json-patch+json": json_patch,
    "application/merge-patch+json": merge_patch,
    "application/strategic-merge-patch+json": strategic_merge,
    APPLY: strategic_merge,
}


MOST_BYTES = 3 * 1024 * 1024
"""The API server's own limit for a body."""


class _PlainLoader(yaml.SafeLoader):
    """YAML without aliases: a few lines of them stand for more than any memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not taken")
        return super().compose_node(parent, index)


def decode(content: bytes, media: str) -> Any:
    """A request's body as a JSON value. Raises 400, 413, 415."""
    if len(content) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    if media == PROTOBUF:
        return decode_object(content)
    try:
        if media in (YAML, APPLY):
            return orjson.loads(orjson.dumps(yaml.load(content, _PlainLoader)))  # noqa: S506 - a SafeLoader
        if media.endswith("json") or not media:
            return orjson.loads(content)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        raise bad_request(f"the object provided is unrecognized: {error}") from error
    raise unsupported_media(f"{JSON}, {YAML}")


def patched(media: str, document: Manifest, patch: Any) -> Manifest:
    """The document after a patch of the request's content type. Raises 400, 415, 422."""
    if media not in _PATCHES:
        raise unsupported_media(", ".join(_PATCHES))
    result = _PATCHES[media](document, patch)
    if not isinstance(result, dict) or not isinstance(result.get("metadata"), dict):
        raise bad_request("the patch leaves no object")
    return result
