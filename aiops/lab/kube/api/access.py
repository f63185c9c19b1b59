"""Who sends a request, and whether they may."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from aiops.lab.kube.access.auth import authenticate
from aiops.lab.kube.access.impersonation import wanted_user
from aiops.lab.kube.access.rbac import access_of, require
from aiops.lab.kube.access.user import User
from aiops.lab.kube.api.request import RequestInfo
from aiops.lab.kube.api.server import Server

HEALTH = ("/healthz", "/readyz", "/livez")
"""Where a server says that it is well."""


def authorized(server: Server, request: HTTPConnection, info: RequestInfo) -> User:
    """The user that the request acts as. Raises 401, 403."""
    caller = authenticate(request.headers, server.tokens, server.issuer.user)
    access = access_of(info)
    wanted = wanted_user(request.headers)
    user = caller if wanted is None else server.impersonator.impersonate(server.store, caller, wanted, access)
    require(server.store, user, access)
    return user
