"""Acting as somebody else: the Impersonate-* headers, and whether the caller may.

As the API server's constrained impersonation (KEP 5284): the modes for nodes, service accounts and other users are
tried first, then plain `impersonate`.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote

from starlette.datastructures import Headers

from aiops.lab.kube.access.rbac import Access, Reader, decide, forbidden
from aiops.lab.kube.access.user import (
    AUTHENTICATED,
    MASTERS,
    NODE_PREFIX,
    NODES,
    UNAUTHENTICATED,
    User,
    account_of,
    service_account,
)
from aiops.lab.kube.errors import ApiError, bad_request

MOST_CALLERS = 10_000
"""How many callers' modes are remembered."""

_AUTHENTICATION = "authentication.k8s.io"
_EXTRA = "impersonate-extra-"
_ANONYMOUS = "system:anonymous"


def wanted_user(headers: Headers) -> User | None:
    """The user that the headers ask for, as they say it. Raises 400 where they name groups and no user."""
    name, uid = headers.get("impersonate-user", ""), headers.get("impersonate-uid", "")
    groups = tuple(headers.getlist("impersonate-group"))
    extra: dict[str, tuple[str, ...]] = {}
    for header, value in headers.items():
        if header.startswith(_EXTRA):
            key = unquote(header.removeprefix(_EXTRA))
            extra[key] = (*extra.get(key, ()), value)
    if not name and (uid or groups or extra):
        shown = _go_struct(uid, groups, extra)
        raise bad_request(f"requested {shown} without impersonating a user name")
    return User(name, groups, uid, tuple(sorted(extra.items()))) if name else None


class Impersonator:
    """Decides who may act as whom. It tries a caller's last successful mode first; what is told where none allows it is
    the refusal by the mode that was tried first."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def impersonate(self, reader: Reader, caller: User, wanted: User, access: Access) -> User:
        """The user that the request acts as. Raises 403 where the caller may not act as them."""
        first: ApiError | None = None
        last = self._last.get(caller.name)
        modes = _modes(caller, wanted)
        if last in modes:
            modes = [last, *(mode for mode in modes if mode != last)]
        for mode in modes:
            try:
                user = _check(reader, caller, wanted, access, mode)
            except ApiError as error:
                first = first or error
                continue
            if len(self._last) < MOST_CALLERS:
                self._last[caller.name] = mode
            return user
        raise first or forbidden(caller, access)


def _modes(caller: User, wanted: User) -> list[str]:
    """The constrained modes that fit the wanted user, then the plain one (empty)."""
    plain = not (wanted.groups or wanted.uid or wanted.extra)
    if wanted.name.startswith(NODE_PREFIX):
        nodes = dict(caller.extra).get("authentication.kubernetes.io/node-name", ())
        own = account_of(caller) is not None and nodes == (wanted.name.removeprefix(NODE_PREFIX),)
        return [*(["associated-node"] if plain and own else []), *(["arbitrary-node"] if plain else []), ""]
    if account_of(wanted):
        return ["serviceaccount", ""] if plain else [""]
    return ["user-info", ""]


def _check(reader: Reader, caller: User, wanted: User, access: Access, mode: str) -> User:
    if mode:
        _require(reader, caller, replace(access, verb=f"impersonate-on:{mode}:{access.verb}"))
    verb = f"impersonate:{mode}" if mode else "impersonate"
    group = _AUTHENTICATION if mode else ""
    user = _named(reader, caller, wanted, verb, group, mode)
    if wanted.uid:
        _require(reader, caller, Access(verb, _AUTHENTICATION, "uids", name=wanted.uid))
    for name in wanted.groups:
        what = Access(verb, group, "groups", name=name)
        if mode and name == MASTERS:
            raise forbidden(caller, what, "impersonating the system:masters group is not allowed")
        _require(reader, caller, what)
    for key, values in wanted.extra:
        for value in values:
            _require(reader, caller, Access(verb, _AUTHENTICATION, "userextras", key, name=value))
    return _complete(user)


def _named(reader: Reader, caller: User, wanted: User, verb: str, group: str, mode: str) -> User:
    """The wanted user with the groups that go with its name, if the caller may use the name."""
    if mode.endswith("-node"):
        name = "*" if mode == "associated-node" else wanted.name.removeprefix(NODE_PREFIX)
        _require(reader, caller, Access(verb, group, "nodes", name=name))
        return replace(wanted, groups=(NODES,))
    account = account_of(wanted)
    if account is None:
        _require(reader, caller, Access(verb, group, "users", name=wanted.name))
        return wanted
    _require(reader, caller, Access(verb, group, "serviceaccounts", "", *account))
    return wanted if wanted.groups else replace(wanted, groups=service_account(*account).groups)


def _complete(user: User) -> User:
    """With the group of all authenticated users, or of the others."""
    implied = UNAUTHENTICATED if user.name == _ANONYMOUS else AUTHENTICATED
    if implied in user.groups or UNAUTHENTICATED in user.groups:
        return user
    return replace(user, groups=(*user.groups, implied))


def _require(reader: Reader, caller: User, access: Access) -> None:
    decision = decide(reader, caller, access)
    if not decision.allowed:
        raise forbidden(caller, access, decision.reason)


def _go_struct(uid: str, groups: tuple[str, ...], extra: dict[str, tuple[str, ...]]) -> str:
    """As the server prints the user in its message."""
    shown_groups = f"[]string{{{_quoted(groups)}}}" if groups else "[]string(nil)"
    pairs = ", ".join(f'"{key}":[]string{{{_quoted(values)}}}' for key, values in sorted(extra.items()))
    shown_extra = f"map[string][]string{{{pairs}}}" if extra else "map[string][]string(nil)"
    return f'&user.DefaultInfo{{Name:"", UID:"{uid}", Groups:{shown_groups}, Extra:{shown_extra}}}'


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join(f'"{value}"' for value in values)
