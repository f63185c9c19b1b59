"""Whether a service account may make one call to the API now, by the API server itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.analysis.policy.rbac import account_user, groups_of
from aiops.tools.kit.arguments import EntityArg, Namespace, check_allowed, check_kind
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result
from aiops.tools.kit.rights import REVIEW


class AccessAnswer(Result):
    """The API server's answer and its reason."""

    allowed: bool
    reason: str = ""


@tool(effect="reads", needs=(REVIEW,))
async def access_review(
    ctx: Context,
    account: EntityArg,
    verb: Annotated[str, Field(min_length=1, max_length=63)],
    resource: Annotated[str, Field(min_length=1, max_length=253, description="plural, such as pods or pods/log")],
    group: Annotated[str, Field(max_length=253, description="API group; empty: the core group")] = "",
    namespace: Namespace = "",
    object_name: Annotated[str, Field(max_length=253, description="one object; empty: any")] = "",
) -> AccessAnswer:
    """Ask the API server whether a service account may make one call now, by a SubjectAccessReview."""
    check_kind(account, ("ServiceAccount",), "account")
    check_allowed(ctx, account)
    ctx.scope(namespace)
    user = account_user(account.namespace, account.name)
    plural, _, part = resource.partition("/")
    allowed, reason = await ctx.kube.may(user, groups_of(user), verb, group, plural, part, namespace, object_name)
    return AccessAnswer(allowed=allowed, reason=reason)
