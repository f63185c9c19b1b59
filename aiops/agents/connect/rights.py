"""Every right that a tool needs, asked of the API server, and the roles that would grant the missing ones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from aiops.agents.connect.report import Right
from aiops.clients.kinds import RBAC
from aiops.core.action import AccessRule
from aiops.core.entity import Manifest
from aiops.core.errors import RemoteError
from aiops.core.tasks import task_group
from aiops.tools.kit.access import cluster_role
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import TOOLS
from aiops.tools.kit.rights import CLUSTER_WIDE, GIVEN_BACK, RECORDER_NEEDS

Effect = Literal["reads", "changes"]

AT_ONCE = 8
"""Access reviews that run at the same time."""

RECORDER = "change recorder"
GRANTS = "rights to give back"
ACCOUNT = "system:serviceaccount:"


def needs(effect: Effect) -> dict[AccessRule, tuple[str, ...]]:
    """The tools that need each right, by right; reading includes what the change recorder watches, changing what is
    held only to be given back to others."""
    found: dict[AccessRule, tuple[str, ...]] = {}
    for tool in TOOLS:
        for rule in tool.needs if tool.effect == effect else ():
            found[rule] = (*found.get(rule, ()), tool.name)
    rest, name = (RECORDER_NEEDS, RECORDER) if effect == "reads" else (GIVEN_BACK, GRANTS)
    for rule in rest:
        found[rule] = (*found.get(rule, ()), name)
    return found


async def review(ctx: Context) -> list[Right]:
    """Ask about every right, in each allowed namespace, or once in the whole cluster where all are allowed."""
    slots = asyncio.Semaphore(AT_ONCE)
    effects: tuple[Effect, ...] = ("reads", "changes")
    async with task_group() as group:
        asked = [
            group.create_task(_ask(ctx, slots, effect, rule, namespace, tools))
            for effect in effects
            for rule, tools in sorted(needs(effect).items(), key=lambda item: _place(item[0]))
            for namespace in (("",) if (rule.group, rule.resource) in CLUSTER_WIDE else ctx.scope())
        ]
    return [task.result() for task in asked]


async def _ask(
    ctx: Context, slots: asyncio.Semaphore, effect: Effect, rule: AccessRule, namespace: str, tools: tuple[str, ...]
) -> Right:
    allowed: bool | None = None
    async with slots:
        try:
            allowed, reason = await ctx.kube.can(rule.verb, rule.group, rule.resource, rule.subresource, namespace)
        except RemoteError as error:
            reason = str(error)
    name = f"{rule.resource}.{rule.group}" if rule.group else rule.resource
    part = f"/{rule.subresource}" if rule.subresource else ""
    return Right(
        verb=rule.verb,
        resource=name + part,
        namespace=namespace,
        effect=effect,
        allowed=allowed,
        needed_by=tuple(dict.fromkeys(tools)),
        reason=reason,
    )


def grants(rights: Sequence[Right], user: str) -> list[Manifest]:
    """Roles with exactly the rights that are denied, and their bindings to `user`, where it is known.

    A right in one namespace becomes a Role there; one in the whole cluster a ClusterRole. Changing the whole cluster
    is more than anybody should grant, so that role comes without a binding: bind it in single namespaces."""
    denied: dict[tuple[str, str], list[AccessRule]] = {}
    for right in rights:
        if right.allowed is False:
            denied.setdefault((right.effect, right.namespace), []).append(_rule(right))
    found: list[Manifest] = []
    for (effect, namespace), missing in denied.items():
        role = cluster_role("aiops-reader-missing" if effect == "reads" else "aiops-changer-missing", missing)
        if namespace:
            role = {**role, "kind": "Role", "metadata": {**role["metadata"], "namespace": namespace}}
        found.append(role)
        if user and (namespace or effect == "reads"):
            found.append(_binding(role, user))
    return found


def _binding(role: Manifest, user: str) -> Manifest:
    kind, home, name = "User", "", user
    if user.startswith(ACCOUNT):
        kind, (home, _, name) = "ServiceAccount", user.removeprefix(ACCOUNT).partition(":")
    subject = {"kind": kind, "name": name, **({"namespace": home} if home else {"apiGroup": RBAC})}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": f"{role['kind']}Binding",
        "metadata": role["metadata"],
        "roleRef": {"apiGroup": RBAC, "kind": role["kind"], "name": role["metadata"]["name"]},
        "subjects": [subject],
    }


def _rule(right: Right) -> AccessRule:
    whole, _, part = right.resource.partition("/")
    resource, _, group = whole.partition(".")
    return AccessRule(verb=right.verb, group=group, resource=resource, subresource=part)


def _place(rule: AccessRule) -> tuple[str, str, str, str]:
    return rule.group, rule.resource, rule.subresource, rule.verb
