"""Ports and selector of a Service."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.core.fields import write
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.patches import diff_patch
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

PATH = re.compile(
    r"^spec\.(?:ports\[[^\]]+\]\.(?:appProtocol|nodePort|port|protocol|targetPort)|selector(?:\.[^.\[\]]+|\[[^\]]+\]))$"
)


@tool(effect="changes", risk=Risk.MEDIUM, needs=rules(("get", "patch"), "Service"))
async def patch_service(
    ctx: Context,
    service: EntityArg,
    path: Annotated[
        str, Field(description="spec.ports[NAME-OR-PORT].FIELD, spec.selector.KEY, or spec.selector[KEY/WITH.DOTS]")
    ],
    value: Annotated[int | str | None, Field(description="null takes a key of the selector away")],
) -> list[Edit]:
    """Set one field of a port of a Service, or one key of its selector. Takes effect at once; no pod restarts."""
    if not PATH.match(path):
        raise RetryWithOtherArgumentsError(f"argument path: {path!r} is no field of a port or key of the selector")
    if value is None and ".ports[" in path:
        raise RetryWithOtherArgumentsError(f"argument value: {path} needs a value")
    manifest = await read_target(ctx, service, ("Service",), "service")
    now = {"spec": manifest["spec"]}
    try:
        wanted = write(now, path, value)
    except KeyError as error:
        raise RetryWithOtherArgumentsError(f"argument path: {service} has no port {error}") from error
    return [PatchEdit(target=service, patch_type="merge", body=diff_patch(now, wanted))]
