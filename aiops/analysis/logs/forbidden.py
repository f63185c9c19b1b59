"""Reads what the API server forbade from the words in which its clients log it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiops.analysis.policy.rbac import Request, account_of
from aiops.core.entity import Entity

_FORBIDDEN = re.compile(
    r"(?:(?P<what>[a-z0-9.]+) (?:\\?\"(?P<name>[^\"\\]+)\\?\" )?is )?forbidden: "
    r"User \\?\"(?P<user>[^\"\\]+)\\?\" cannot (?P<verb>[a-z]+) resource \\?\"(?P<resource>[a-z0-9/]+)\\?\" "
    r"in API group \\?\"(?P<group>[a-z0-9.\-]*)\\?\""
    r"(?: in the namespace \\?\"(?P<namespace>[^\"\\]+)\\?\"| at the cluster scope)?"
)


@dataclass(frozen=True, slots=True)
class Denial:
    """A call that a service account was not allowed to make."""

    account: Entity
    request: Request


def denial_of(line: str) -> Denial | None:
    """The denial that a log line tells of; None for any other line, and for users that are no service account."""
    found = _FORBIDDEN.search(line)
    account = account_of(found["user"]) if found else None
    if found is None or account is None:
        return None
    named = Request(found["verb"], found["resource"], found["group"], found["namespace"] or "", found["name"] or "")
    return Denial(account, named)
