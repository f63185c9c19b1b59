"""Which certificate an Ingress serves for some of its hosts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.entity import Manifest
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

Host = Annotated[str, Field(min_length=1, max_length=253)]


@tool(effect="changes", risk=Risk.MEDIUM, needs=rules(("get", "patch"), "Ingress"))
async def set_ingress_tls(
    ctx: Context,
    ingress: EntityArg,
    hosts: Annotated[list[Host], Field(min_length=1, max_length=50, description="hosts of the Ingress' tls section")],
    secret: Annotated[str, Field(pattern=r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", description="name of the TLS Secret")],
) -> list[Edit]:
    """Serve another certificate for these hosts of an Ingress: the one in this Secret. Other hosts keep theirs. Takes
    effect at once.

    The Secret itself is neither read nor written."""
    manifest = await read_target(ctx, ingress, ("Ingress",), "ingress")
    entries = manifest["spec"].get("tls") or []
    known = list(dict.fromkeys(host for entry in entries for host in entry.get("hosts") or ()))
    for host in hosts:
        if host not in known:
            served = ", ".join(known) or "none"
            raise RetryWithOtherArgumentsError(f"argument hosts: {ingress} serves TLS for {served}, not for {host!r}")
    wanted = [part for entry in entries for part in _parts(entry, hosts, secret)]
    return [PatchEdit(target=ingress, patch_type="merge", body={"spec": {"tls": wanted}})]


def _parts(entry: Manifest, hosts: list[str], secret: str) -> list[Manifest]:
    """An entry with its secret replaced for these hosts: two entries where it has others as well."""
    named = entry.get("hosts") or []
    chosen, others = [h for h in named if h in hosts], [h for h in named if h not in hosts]
    if not chosen:
        return [entry]
    kept = [{**entry, "hosts": others}] if others else []
    return [*kept, {**entry, "hosts": chosen, "secretName": secret}]
