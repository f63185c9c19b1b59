"""What a pod may show to image registries: the users and passwords in its pull secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.events import WARNING
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.sources import Reader, decoded, values_of

DOCKER_HUB = ("https://index.docker.io/v1/", "index.docker.io", "registry-1.docker.io")


def registry_logins(reader: Reader, pod: Manifest, notes: PodNotes) -> dict[str, tuple[str, str]]:
    """(user, password) by registry, of all `imagePullSecrets`. A secret that is missing is noted and passed over."""
    found: dict[str, tuple[str, str]] = {}
    missing = []
    for reference in pod["spec"].get("imagePullSecrets") or ():
        name = reference.get("name", "")
        values = values_of(reader, "Secret", pod["metadata"]["namespace"], name)
        if values is None:
            missing.append(name)
        else:
            found |= dict(_entries(values))
    if missing:
        text = (
            f"Unable to retrieve some image pull secrets ({', '.join(missing)}); "
            "attempting to pull the image may not succeed."
        )
        notes.pod_event(WARNING, "FailedToRetrieveImagePullSecret", text)
    return found


def _entries(values: dict[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """The entries of `.dockerconfigjson`, or of the older `.dockercfg`. What cannot be read has none."""
    try:
        content: Any = json.loads(values.get(".dockerconfigjson") or values.get(".dockercfg") or "{}")
        entries = content.get("auths", {}) if ".dockerconfigjson" in values else content
        for registry, entry in entries.items():
            user, _, password = decoded(entry.get("auth", "")).partition(":")
            login = entry.get("username") or user, entry.get("password") or password
            host = registry.removeprefix("https://").removeprefix("http://").partition("/")[0]
            yield ("docker.io" if registry in DOCKER_HUB or host in DOCKER_HUB else host), login
    except (ValueError, AttributeError):
        return
