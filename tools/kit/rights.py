"""How tools declare the rights that they need, and what the change recorder needs."""

from __future__ import annotations

from aiops.analysis.changes.watched import WATCHED_KINDS
from aiops.analysis.policy.grantable import GRANTABLE
from aiops.clients.kinds import RESOURCES
from aiops.core.action import AccessRule

REVIEW = AccessRule(verb="create", group="authorization.k8s.io", resource="subjectaccessreviews")
"""A review is asked by creating it; nothing is stored."""

CLUSTER_WIDE = frozenset(
    (
        (REVIEW.group, REVIEW.resource),
        *((resource.group, resource.plural) for resource in RESOURCES.values() if not resource.namespaced),
    )
)
"""Group and plural of what lives in no namespace: a Role cannot grant these."""


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


RECORDER_NEEDS = rules(("list", "watch"), *(kind for kind in WATCHED_KINDS if kind != "Secret"))
"""What the change recorder needs. Secrets are recorded where they may be read, and never asked for."""

GIVEN_BACK = tuple(
    AccessRule(verb=verb, group=group, resource=whole, subresource=part)
    for group, resource, verb in sorted(GRANTABLE)
    for whole, _, part in (resource.partition("/"),)
)
"""What the tools that write roles and bindings may pass on. Kubernetes lets nobody grant a right that he lacks himself,
so the assistant holds these, and its API server bounds what it can grant to them."""
