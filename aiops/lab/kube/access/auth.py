"""Who sends a request: tokens and impersonation headers."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers

from aiops.lab.kube.access.user import ANONYMOUS, AUTHENTICATED, User, service_account
from aiops.lab.kube.errors import bad_request, unauthorized


def authenticate(headers: Headers, tokens: Mapping[str, User]) -> User:
    """The user of a request; anonymous without a token. Raises 401 for an unknown one."""
    header = headers.get("authorization")
    if not header:
        return ANONYMOUS
    scheme, _, token = header.partition(" ")
    user = tokens.get(token.strip()) if scheme.lower() == "bearer" else None
    if user is None:
        raise unauthorized()
    return User(user.name, (*user.groups, AUTHENTICATED))


def impersonated(headers: Headers) -> User | None:
    """The user that the caller wants to act as. Whether it may is for the authoriser. Raises 400."""
    name, groups = headers.get("impersonate-user"), tuple(headers.getlist("impersonate-group"))
    if not name:
        if groups:
            raise bad_request("requested groups without impersonating a user")
        return None
    if name.startswith("system:serviceaccount:") and name.count(":") == 3 and not groups:
        namespace, account = name.split(":")[2:]
        groups = service_account(namespace, account).groups
    return User(name, (*groups, AUTHENTICATED))
