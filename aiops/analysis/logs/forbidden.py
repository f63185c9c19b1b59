"""Reads what the API server forbade from the words in which its clients log it.

Anybody whose words a program logs can write such a line (a request's path, its User-Agent), so it must be the
program's own message: not in quotes, or in the quotes of a field that holds messages. It stays a lead, no proof.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiops.analysis.policy.rbac import Request, account_of
from aiops.core.entity import Entity

_FORBIDDEN = re.compile(
    r"(?:(?<![a-z0-9.])(?P<what>[a-z0-9.]{1,253}) (?:\\?\"(?P<name>[^\"\\]{1,253})\\?\" )?is )?forbidden: "
    r"User \\?\"(?P<user>[^\"\\]{1,400})\\?\" cannot (?P<verb>[a-z]{1,63}) "
    r"resource \\?\"(?P<resource>[a-z0-9/]{1,253})\\?\" in API group \\?\"(?P<group>[a-z0-9.\-]{0,253})\\?\""
    r"(?: in the namespace \\?\"(?P<namespace>[^\"\\]{1,63})\\?\"| at the cluster scope)?"
)
_QUOTE = re.compile(r"(?<!\\)(?:\\\\)*\"")
_MESSAGE = re.compile(r"\b(?:cause|e|err|error|exception|log|message|msg|reason)(?:\\?\")?\s{0,2}[:=]\s{0,2}\\?\"$")
"""What stands before the value of a field that holds a message, with the value's opening quote."""

LONGEST = 4096
"""Characters of a line that are looked at: the server's message is a few hundred long."""


@dataclass(frozen=True, slots=True)
class Denial:
    """A call that a service account was not allowed to make."""

    account: Entity
    request: Request


def denial_of(line: str) -> Denial | None:
    """The denial that a log line tells of; None for any other line, for words that the line only quotes, and for users
    that are no service account."""
    found = _FORBIDDEN.search(line, 0, LONGEST)
    account = account_of(found["user"]) if found else None
    if found is None or account is None or not _is_message(line[: found.start()]):
        return None
    named = Request(found["verb"], found["resource"], found["group"], found["namespace"] or "", found["name"] or "")
    return Denial(account, named)


def _is_message(before: str) -> bool:
    """Is what follows this text the program's own message?"""
    quotes = [found.end() for found in _QUOTE.finditer(before)]
    if len(quotes) % 2:
        return _MESSAGE.search(before[: quotes[-1]][-40:]) is not None
    escaped = before.rfind('\\"')
    return escaped < 0 or _MESSAGE.search(before[: escaped + 2][-40:]) is not None
