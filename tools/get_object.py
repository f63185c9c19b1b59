"""One raw object."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.core.errors import NotFoundError
from aiops.tools.kit.arguments import EntityArg, check_allowed
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result
from aiops.tools.kit.rights import rules
from aiops.tools.list_objects import SHOWN_KINDS, shown


class ObjectResult(Result):
    """A raw object without managed fields and secrets; None where it does not exist."""

    manifest: Manifest | None = None


@tool(effect="reads", needs=rules(("get",), *SHOWN_KINDS))
async def get_object(ctx: Context, entity: EntityArg) -> ObjectResult:
    """Read one Kubernetes object as it is stored, with its status. Secret values are never shown."""
    check_allowed(ctx, entity)
    try:
        return ObjectResult(manifest=shown(await ctx.kube.get(entity)))
    except NotFoundError as error:
        return ObjectResult(no_data=str(error))
