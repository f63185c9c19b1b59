"""Who sends a request, and whether they may."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from aiops.lab.kube.access.auth import authenticate
from aiops.lab.kube.access.clientcertificates import STATE, user_of_certificate
from aiops.lab.kube.access.impersonation import wanted_user
from aiops.lab.kube.access.rbac import access_of, require
from aiops.lab.kube.access.user import User
from aiops.lab.kube.api.request import RequestInfo
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.errors import unauthorized

HEALTH = ("/healthz", "/readyz", "/livez")
"""Where a server says that it is well."""


def authorized(server: Server, request: HTTPConnection, info: RequestInfo) -> User:
    """The user that the request acts as. Raises 401, 403."""
    caller = authenticate(request.headers, server.tokens, server.issuer.user, _certified(server, request))
    access = access_of(info)
    wanted = wanted_user(request.headers)
    user = caller if wanted is None else server.impersonator.impersonate(server.store, caller, wanted, access)
    require(server.store, user, access)
    return user


def _certified(server: Server, request: HTTPConnection) -> User | None:
    """The user of the connection's certificate. Raises 401 for one that is not valid now."""
    content = request.scope.get("state", {}).get(STATE)
    if content is None:
        return None
    user = user_of_certificate(content, server.store.now())
    if user is None and not request.headers.get("authorization"):
        raise unauthorized()
    return user
