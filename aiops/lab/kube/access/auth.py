"""Who sends a request: client certificates, and bearer tokens, static ones and those of service accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.datastructures import Headers

from aiops.lab.kube.access.user import ANONYMOUS, AUTHENTICATED, User
from aiops.lab.kube.errors import unauthorized

Tokens = Callable[[str], User | None]
"""The user of a service account's token, None where it is not valid."""


def authenticate(headers: Headers, static: Mapping[str, User], issued: Tokens, certified: User | None = None) -> User:
    """The user of a request: whom its certificate names, else its bearer token; anonymous without either. Raises 401
    for an unknown token."""
    if certified is not None:
        return _authenticated(certified)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return ANONYMOUS
    user = static.get(token.strip()) or issued(token.strip())
    if user is None:
        raise unauthorized()
    return _authenticated(user)


def _authenticated(user: User) -> User:
    if AUTHENTICATED in user.groups:
        return user
    return User(user.name, (*user.groups, AUTHENTICATED), user.uid, user.extra)
