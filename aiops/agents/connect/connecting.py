"""Finds out what the credentials are good for. Every part may fail; the others are told all the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiops.agents.connect.report import ConnectReport, Right
from aiops.agents.connect.requests import load
from aiops.agents.connect.rights import grants, review
from aiops.agents.connect.telemetry import telemetry
from aiops.core.entity import Manifest
from aiops.core.errors import AiopsError
from aiops.core.tasks import task_group
from aiops.tools.kit.context import Context

T = TypeVar("T")


async def connect(ctx: Context) -> ConnectReport:
    """What can be reached, seen and changed. Sends nothing but reads and access reviews."""
    problems: list[str] = []

    async def attempt(what: str, read: Callable[[], Awaitable[T]], otherwise: T) -> T:
        try:
            return await read()
        except AiopsError as error:
            problems.append(f"{what}: {error}")
            return otherwise

    nobody: tuple[str, tuple[str, ...]] = ("", ())
    none: list[Manifest] = []
    async with task_group() as group:
        version = group.create_task(attempt("version", ctx.kube.version, ""))
        who = group.create_task(attempt("user", ctx.kube.whoami, nobody))
        spaces = group.create_task(attempt("namespaces", lambda: ctx.kube.list("Namespace"), none))
        reviewed = group.create_task(review(ctx))
        services = group.create_task(telemetry(ctx))
        pods = group.create_task(attempt("pods", lambda: _pods(ctx), 0))
    (user, groups), rights = who.result(), reviewed.result()
    names = sorted(item["metadata"]["name"] for item in spaces.result())
    problems += sorted({right.reason for right in rights if right.allowed is None})
    return ConnectReport(
        server=ctx.kube.address,
        version=version.result(),
        user=user,
        groups=groups,
        namespaces=tuple(name for name in names if ctx.allows(name)) or ctx.namespaces,
        all_namespaces=not ctx.namespaces,
        read_only=ctx.read_only,
        rights=tuple(rights),
        telemetry=services.result(),
        load=load(ctx, pods.result()),
        grants=tuple(grants([right for right in rights if _wanted(ctx, right)], user)),
        problems=tuple(dict.fromkeys(problems)),
        can_read=all(right.allowed for right in rights if right.effect == "reads"),
    )


def _wanted(ctx: Context, right: Right) -> bool:
    """Is the right of use with the settings as they are?"""
    return right.effect == "reads" or not ctx.read_only


async def _pods(ctx: Context) -> int:
    return sum([len(await ctx.kube.list("Pod", scope)) for scope in ctx.scope()])
