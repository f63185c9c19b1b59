"""Which certificate an Ingress serves for a host."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target


@tool(effect="changes", risk=Risk.MEDIUM, needs=rules(("get", "patch"), "Ingress"))
async def set_ingress_tls(
    ctx: Context,
    ingress: EntityArg,
    host: Annotated[str, Field(min_length=1, description="a host of the Ingress' tls section")],
    secret: Annotated[str, Field(pattern=r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", description="name of the TLS Secret")],
) -> list[Edit]:
    """Serve another certificate for a host of an Ingress: the one in this Secret. Takes effect at once.

    The Secret itself is neither read nor written."""
    manifest = await read_target(ctx, ingress, ("Ingress",), "ingress")
    entries = manifest["spec"].get("tls") or []
    if not any(host in (entry.get("hosts") or ()) for entry in entries):
        hosts = ", ".join(h for entry in entries for h in entry.get("hosts") or ()) or "none"
        raise RetryWithOtherArgumentsError(f"argument host: {ingress} serves TLS for {hosts}, not for {host!r}")
    wanted = [{**entry, "secretName": secret} if host in (entry.get("hosts") or ()) else entry for entry in entries]
    return [PatchEdit(target=ingress, patch_type="merge", body={"spec": {"tls": wanted}})]
