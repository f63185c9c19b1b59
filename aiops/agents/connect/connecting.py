"""Finds out what the credentials are good for. Every part may fail; the others are told all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from aiops.agents.connect.report import ConnectReport, Right
from aiops.agents.connect.requests import load
from aiops.agents.connect.rights import grants, review
from aiops.agents.connect.telemetry import telemetry
from aiops.core.errors import AiopsError
from aiops.tools.kit.context import Context

T = TypeVar("T")


async def connect(ctx: Context) -> ConnectReport:
    """What can be reached, seen and changed. Sends nothing but reads and access reviews."""
    problems: list[str] = []

    async def attempt(what: str, reading: Awaitable[T], otherwise: T) -> T:
        try:
            return await reading
        except AiopsError as error:
            problems.append(f"{what}: {error}")
            return otherwise

    nobody: tuple[str, tuple[str, ...]] = ("", ())
    version, (user, groups), spaces, rights, services, pods = await asyncio.gather(
        attempt("version", ctx.kube.version(), ""),
        attempt("user", ctx.kube.whoami(), nobody),
        attempt("namespaces", ctx.kube.list("Namespace"), []),
        review(ctx),
        telemetry(ctx),
        attempt("pods", _pods(ctx), 0),
    )
    names = sorted(item["metadata"]["name"] for item in spaces)
    problems += sorted({right.reason for right in rights if right.allowed is None})
    return ConnectReport(
        server=ctx.kube.address,
        version=version,
        user=user,
        groups=groups,
        namespaces=tuple(name for name in names if ctx.allows(name)) or ctx.namespaces,
        all_namespaces=not ctx.namespaces,
        read_only=ctx.read_only,
        rights=tuple(rights),
        telemetry=services,
        load=load(ctx, pods),
        grants=tuple(grants([right for right in rights if _wanted(ctx, right)], user)),
        problems=tuple(dict.fromkeys(problems)),
        can_read=all(right.allowed for right in rights if right.effect == "reads"),
    )


def _wanted(ctx: Context, right: Right) -> bool:
    """Is the right of use with the settings as they are?"""
    return right.effect == "reads" or not ctx.read_only


async def _pods(ctx: Context) -> int:
    return sum([len(await ctx.kube.list("Pod", scope)) for scope in ctx.scope()])
