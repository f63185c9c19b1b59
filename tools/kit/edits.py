"""One edit against the API server: which right it needs, how it is tried, made, and recognised as made."""

from __future__ import annotations

from typing import Any

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.action import ACTION_ANNOTATION, AccessRule, CreateEdit, DeleteEdit, Edit, PatchEdit
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import ConflictError, DeniedError, NotFoundError
from aiops.core.fields import desired

MOST_TRIES = 20
"""Writes of one edit that lose against writes of status, before it is given up."""


async def access_of(kube: KubernetesClient, edit: Edit) -> AccessRule:
    """The right that an edit needs."""
    resource = await kube.resource(edit.target.kind)
    return AccessRule(verb=edit.op, group=resource.group, resource=resource.plural)


async def check_access(kube: KubernetesClient, edit: Edit) -> None:
    """Ask the API server whether we may make this edit. Raises `DeniedError` naming the missing right."""
    rule = await access_of(kube, edit)
    target = edit.target
    name = "" if isinstance(edit, CreateEdit) else target.name
    allowed, reason = await kube.can(rule.verb, rule.group, rule.resource, "", target.namespace, name)
    if not allowed:
        what = f"{rule.resource}.{rule.group}" if rule.group else rule.resource
        where = f"in namespace {target.namespace}" if target.namespace else "cluster-wide"
        because = f": {reason}" if reason else ""
        raise DeniedError(f"the right to {rule.verb} {what} ({target.name}) {where} is missing{because}")


async def find(kube: KubernetesClient, entity: Entity) -> Manifest | None:
    """The object as it is now; None where it does not exist."""
    try:
        return await kube.get(entity)
    except NotFoundError:
        return None


async def attempt(kube: KubernetesClient, edit: Edit, live: Manifest | None) -> Manifest | None:
    """The object that the edit would leave, by a server-side dry run."""
    return await _send(kube, edit, live, "", dry_run=True)


async def make(kube: KubernetesClient, edit: Edit, before: Manifest | None, mark: str) -> Manifest | None:
    """Make the edit exactly once and return the object that it left.

    `before` is the object as it was journaled; `mark` is written with the change, so that a second call sees that it
    was made. Raises `ConflictError` where somebody else has changed the object's desired state since `before`.
    """
    live = await find(kube, edit.target)
    for _ in range(MOST_TRIES):
        if is_made(edit, before, live, mark):
            return live
        if not _same(before, live):
            raise ConflictError(f"{edit.target} was changed by somebody else since it was read; nothing was written")
        try:
            return await _send(kube, edit, live, mark, dry_run=False)
        except (ConflictError, NotFoundError):
            live = await find(kube, edit.target)
    raise ConflictError(f"{edit.target} changes too often to be written ({MOST_TRIES} tries)")


def is_made(edit: Edit, before: Manifest | None, live: Manifest | None, mark: str) -> bool:
    """Was this edit made already? A deletion leaves nothing to carry a mark."""
    if isinstance(edit, DeleteEdit):
        return live is None or bool(before and live["metadata"].get("uid") != before["metadata"].get("uid"))
    return live is not None and live["metadata"].get("annotations", {}).get(ACTION_ANNOTATION) == mark


def _same(before: Manifest | None, live: Manifest | None) -> bool:
    if before is None or live is None:
        return before is live
    return desired(before) == desired(live)


async def _send(
    kube: KubernetesClient, edit: Edit, live: Manifest | None, mark: str, *, dry_run: bool
) -> Manifest | None:
    if isinstance(edit, PatchEdit):
        body = _marked(edit.body, mark, live)
        return await kube.patch(edit.target, body, edit.patch_type, dry_run=dry_run)
    if isinstance(edit, CreateEdit):
        return await kube.create(_marked(edit.manifest, mark, None), dry_run=dry_run)
    seen = live["metadata"] if live else {}
    await kube.delete(edit.target, uid=seen.get("uid"), resource_version=seen.get("resourceVersion"), dry_run=dry_run)
    return None


def _marked(body: dict[str, Any], mark: str, live: Manifest | None) -> dict[str, Any]:
    """The body with the mark and, for a patch, the version that it may be applied to."""
    metadata = dict(body.get("metadata", {}))
    if "annotations" in metadata and metadata["annotations"] is None:
        # All of them go, but the mark: each by its own name.
        known = (live or {}).get("metadata", {}).get("annotations") or {}
        metadata["annotations"] = dict.fromkeys(known)
    if mark:
        metadata["annotations"] = {**metadata.get("annotations", {}), ACTION_ANNOTATION: mark}
    if live is not None:
        metadata["resourceVersion"] = live["metadata"]["resourceVersion"]
    return {**body, "metadata": metadata}
