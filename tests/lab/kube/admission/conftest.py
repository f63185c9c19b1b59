"""Makers of pods for tests of admission."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore

Pods = Callable[..., Manifest]


@pytest.fixture
def pod(store: ObjectStore) -> Pods:
    """Creates a pod `a` of one container in `default`. `resources` are the container's, `spec` is more of the pod's."""

    def make(
        resources: Manifest | None = None, *, name: str = "a", dry_run: bool = False, more: Any = None, **spec: Any
    ) -> Manifest:
        container = {"name": "a", "image": "i", **({"resources": resources} if resources else {}), **(more or {})}
        body = {"containers": [container], **spec}
        manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": body}
        return store.create(manifest, manager="m", dry_run=dry_run)

    return make
