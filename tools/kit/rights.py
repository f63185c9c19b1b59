"""How tools declare the rights that they need."""

from __future__ import annotations

from aiops.clients.kinds import RESOURCES
from aiops.core.action import AccessRule


def rules(verbs: tuple[str, ...], *kinds: str, subresource: str = "") -> tuple[AccessRule, ...]:
    """One rule for each verb and kind."""
    return tuple(
        AccessRule(verb=verb, group=RESOURCES[kind].group, resource=RESOURCES[kind].plural, subresource=subresource)
        for kind in kinds
        for verb in verbs
    )


def reads(*kinds: str) -> tuple[AccessRule, ...]:
    """Get and list of these kinds."""
    return rules(("get", "list"), *kinds)
