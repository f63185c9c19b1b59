"""Programs that look names up: `nslookup`, `getent`, `dig`, `host`."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.lab.ports import ExecResult
from aiops.lab.traffic.runtime.commands.connections import split_options
from aiops.lab.traffic.runtime.commands.dns import SECONDS, TIMEOUT, TRIES, Answer, ClusterDns
from aiops.lab.traffic.runtime.commands.inside import Inside, failed, printed

_NOWHERE = ";; connection timed out; no servers could be reached"
_RECORDS = ("A", "AAAA", "SRV", "CNAME", "ANY", "PTR", "TXT", "MX", "NS")


def nslookup(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """As BIND's, without interaction."""
    name = next((each for each in arguments if not each.startswith("-")), "")
    if not name:
        return failed(1, "nslookup: interactive mode is not supported here")
    dns = inside.dns
    if not _served(inside, dns):
        return failed(1, _NOWHERE, TIMEOUT * TRIES)
    head = f"Server:\t\t{dns.server}\nAddress:\t{dns.server}#53\n\n"
    answer = dns.resolve(name)
    if answer is None or answer.broken:
        why = "SERVFAIL" if answer else "NXDOMAIN"
        return ExecResult(1, f"{head}** server can't find {name.rstrip('.')}: {why}\n\n", "", SECONDS)
    alias = f"{answer.name}\tcanonical name = {answer.alias}.\n" if answer.alias else ""
    owner = answer.alias or answer.name
    found = "".join(f"Name:\t{owner}\nAddress: {address}\n" for address in answer.addresses)
    return printed(f"{head}{alias}{found}\n", SECONDS)


def getent(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """`getent hosts NAME`."""
    if len(arguments) < 2 or arguments[0] not in ("hosts", "ahosts", "ahostsv4"):
        return failed(1, f"Unknown database: {arguments[0] if arguments else ''}")
    dns = inside.dns
    if not _served(inside, dns):
        return failed(2, "", TIMEOUT * TRIES)
    answer = dns.resolve(arguments[1])
    if answer is None or not answer.addresses:
        return ExecResult(2, seconds=SECONDS)
    return printed("".join(f"{address:<16}{answer.name}\n" for address in answer.addresses), SECONDS)


def dig(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """`dig [+short] [+search] NAME`: without `+search` the name is taken as complete."""
    _, words = split_options([each for each in arguments if not each.startswith(("@", "+"))], ("-t", "-p"))
    words = [each for each in words if each.upper() not in _RECORDS]
    if not words:
        return failed(1, "dig: a name is needed")
    dns = inside.dns
    if not _served(inside, dns):
        return ExecResult(9, f"{_NOWHERE}\n", "", TIMEOUT * TRIES)
    answer = dns.resolve(words[0]) if "+search" in arguments else dns.lookup(words[0].rstrip(".").lower())
    addresses = answer.addresses if answer else ()
    if "+short" in arguments:
        return printed("".join(f"{address}\n" for address in addresses), SECONDS)
    status = "NXDOMAIN" if answer is None else "SERVFAIL" if answer.broken else "NOERROR"
    lines = [f";; ->>HEADER<<- opcode: QUERY, status: {status}, id: 1", f";; QUESTION SECTION:\n;{words[0]}.\tIN\tA"]
    if answer and addresses:
        lines.append(";; ANSWER SECTION:\n" + "".join(f"{answer.name}.\t30\tIN\tA\t{each}\n" for each in addresses))
    lines.append(f";; SERVER: {dns.server}#53({dns.server}) (UDP)")
    return printed("\n".join(lines) + "\n", SECONDS)


def host(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    name = next((each for each in arguments if not each.startswith("-")), "")
    dns = inside.dns
    if not _served(inside, dns):
        return failed(1, _NOWHERE, TIMEOUT * TRIES)
    answer: Answer | None = dns.resolve(name)
    if answer is None or answer.broken:
        why = "2(SERVFAIL)" if answer else "3(NXDOMAIN)"
        return ExecResult(1, f"Host {name} not found: {why}\n", "", SECONDS)
    return printed("".join(f"{answer.name} has address {address}\n" for address in answer.addresses), SECONDS)


def _served(inside: Inside, dns: ClusterDns) -> bool:
    return dns.reachable(inside.peer)
