"""Who sends a request, and whether they may."""

from __future__ import annotations

from starlette.requests import Request

from aiops.lab.kube.access.auth import authenticate, impersonated
from aiops.lab.kube.access.rbac import Access, access_of, allowed
from aiops.lab.kube.access.user import User
from aiops.lab.kube.api.request import RequestInfo
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.storage.store import ObjectStore

HEALTH = ("/healthz", "/readyz", "/livez")
"""Paths that anybody may read."""


def authorized(server: Server, request: Request, info: RequestInfo) -> User:
    """The user that the request acts as. Raises 401, 403."""
    user = authenticate(request.headers, server.tokens)
    acting = impersonated(request.headers)
    if acting is not None:
        _require(server.store, user, Access("impersonate", resource="users", name=acting.name))
        for group in request.headers.getlist("impersonate-group"):
            _require(server.store, user, Access("impersonate", resource="groups", name=group))
        user = acting
    if info.path not in HEALTH:
        _require(server.store, user, access_of(info))
    return user


def _require(store: ObjectStore, user: User, access: Access) -> None:
    if not allowed(store, user, access):
        raise _forbidden(user, access)


def _forbidden(user: User, access: Access) -> ApiError:
    if access.path:
        message = f'forbidden: User "{user.name}" cannot {access.verb} path "{access.path}"'
        return ApiError(403, "Forbidden", message, {})
    resource = f"{access.resource}/{access.subresource}" if access.subresource else access.resource
    where = f'in the namespace "{access.namespace}"' if access.namespace else "at the cluster scope"
    what = f"{access.resource}.{access.group}" if access.group else access.resource
    if access.name:
        what += f' "{access.name}"'
    message = (
        f'{what} is forbidden: User "{user.name}" cannot {access.verb} resource "{resource}" '
        f'in API group "{access.group}" {where}'
    )
    return ApiError(403, "Forbidden", message, {"name": access.name, "group": access.group, "kind": access.resource})
