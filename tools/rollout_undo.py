"""Back to an earlier revision of a Deployment."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError, RetryWithOtherArgumentsError
from aiops.core.wellknown import POD_TEMPLATE_HASH, REVISION
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.guarded import RBAC_KINDS, check_template
from aiops.tools.kit.patches import diff_patch
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

HASH = POD_TEMPLATE_HASH


@tool(
    effect="changes",
    risk=Risk.MEDIUM,
    needs=(
        *rules(("get", "patch"), "Deployment"),
        *rules(("list",), "ReplicaSet", *RBAC_KINDS),
        *rules(("get",), "ServiceAccount"),
    ),
)
async def rollout_undo(
    ctx: Context,
    workload: EntityArg,
    to_revision: Annotated[int, Field(ge=0, description="revision to go back to; 0: the one before")] = 0,
    with_account: Annotated[
        bool, Field(description="also let its pods run as the service account of that revision")
    ] = False,
) -> list[Edit]:
    """Give a Deployment the pod template of an earlier revision, as `kubectl rollout undo` does.

    Refused where its pods would get other rights by that: another security context, volumes of the node, the host's
    namespaces, or a service account with rights that people alone give."""
    manifest = await read_target(ctx, workload, ("Deployment",), "workload")
    template = _template(manifest)
    revisions = await _revisions(ctx, workload, manifest)
    earlier = [revision for revision in sorted(revisions) if _template(revisions[revision]) != template]
    if not earlier:
        raise NotPossibleError(f"{workload} has no earlier revision to go back to")
    wanted = to_revision or earlier[-1]
    if wanted not in revisions:
        known = ", ".join(map(str, sorted(revisions)))
        raise RetryWithOtherArgumentsError(f"argument to_revision: {workload} has revisions {known}, not {wanted}")
    former = _template(revisions[wanted])
    await check_template(ctx, workload, template, former, with_account=with_account)
    patch = diff_patch(template, former)
    return [PatchEdit(target=workload, patch_type="merge", body={"spec": {"template": patch}})]


async def _revisions(ctx: Context, workload: Entity, manifest: Manifest) -> dict[int, Manifest]:
    """The ReplicaSets of a Deployment by revision."""
    found = {}
    for item in await ctx.kube.list("ReplicaSet", workload.namespace):
        owners = item["metadata"].get("ownerReferences", [])
        revision = item["metadata"].get("annotations", {}).get(REVISION, "")
        if revision.isdecimal() and any(owner["uid"] == manifest["metadata"]["uid"] for owner in owners):
            found[int(revision)] = item
    return found


def _template(manifest: Manifest) -> dict[str, Any]:
    """The pod template as somebody wrote it: without what the controller and the API server put in."""
    template = manifest["spec"]["template"]
    metadata = {key: value for key, value in template.get("metadata", {}).items() if value is not None}
    labels = {key: value for key, value in metadata.get("labels", {}).items() if key != HASH}
    return {**template, "metadata": {**metadata, "labels": labels}}
