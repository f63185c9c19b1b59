"""Versions of custom kinds that only a webhook can convert: nothing here calls it, so they cannot be had."""

from __future__ import annotations

from aiops.lab.kube.api.call import Call
from aiops.lab.kube.errors import broken
from aiops.lab.kube.storage.store import ObjectStore

_WHY = "this lab calls no conversion webhooks; ask for the version that is stored"


def check_convertible(store: ObjectStore, call: Call) -> None:
    """Refuse what would have to be converted, as the server does where it cannot reach the webhook. Raises 500."""
    resource = call.resource
    storage = resource.custom.storage if resource.custom is not None else ""
    if storage in ("", resource.version):
        return
    if call.info.verb in ("list", "watch") and not store.objects(resource.shelf):
        return
    there = f"{resource.group}/{storage}, Kind={resource.kind}"
    raise broken(f"conversion webhook for {there} failed: {_WHY}")
