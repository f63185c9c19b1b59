"""Which part of an object the change recorder keeps."""

from __future__ import annotations

import hashlib
from typing import Any

from aiops.core.entity import Manifest
from aiops.core.fields import desired

LEADER = "control-plane.alpha.kubernetes.io/leader"
"""An annotation by which controllers elect a leader, written every few seconds."""

HASH_DIGITS = 12


def kept(manifest: Manifest) -> Manifest:
    """The desired state that is stored: of a Secret only hashes, of a Node its spec and labels."""
    state = desired(manifest)
    kind, metadata = manifest["kind"], dict(state["metadata"])
    annotations = {key: value for key, value in metadata.pop("annotations", {}).items() if key != LEADER}
    if annotations and kind != "Node":
        metadata["annotations"] = annotations
    state = {**state, "metadata": metadata}
    return _hashed(state) if kind == "Secret" else state


def _hashed(secret: Manifest) -> Manifest:
    """A Secret whose values can be compared but not read. Annotations may hold a copy of them, so they go too."""
    meta = secret["metadata"]
    place = f"{meta.get('namespace', '')}/{meta['name']}"
    hidden: dict[str, Any] = {
        part: {key: _digest(f"{place}/{key}", value) for key, value in secret[part].items()}
        for part in ("data", "stringData")
        if secret.get(part)
    }
    metadata = {key: value for key, value in meta.items() if key != "annotations"}
    return {**secret, **hidden, "metadata": metadata}


def _digest(place: str, value: str) -> str:
    return "sha256:" + hashlib.sha256(f"{place}\0{value}".encode()).hexdigest()[:HASH_DIGITS]
