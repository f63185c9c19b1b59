"""Programs that open a connection and no more: `nc`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiops.lab.ports import ExecResult
from aiops.lab.traffic.runtime.commands.inside import Inside, failed
from aiops.lab.traffic.runtime.commands.reach import Problem, connect

PATIENCE = 127.0
"""Seconds after which the kernel gives up on a connection that nobody answers."""

_VALUED = ("-w", "-i", "-p", "-s")


def nc(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """`nc -zv HOST PORT`: does somebody listen there? As OpenBSD's netcat words it."""
    options, words = split_options(arguments, _VALUED)
    flags = "".join(flag for flag in options if not flag.startswith("--"))
    if len(words) < 2 or not words[1].isdecimal():
        return failed(1, "usage: nc [-uvz] [-w timeout] host port")
    host, port, loud = words[0], int(words[1]), "v" in flags
    if "z" not in flags:
        return failed(1, "nc: only -z is supported here")
    protocol = "UDP" if "u" in flags else "TCP"
    limit = float(options.get("-w") or PATIENCE)
    found = connect(inside, host, port, protocol)
    if found.problem is None and found.seconds > limit:
        found = replace(found, problem=Problem.TIMEOUT)
    seconds = min(found.seconds, limit)
    if found.problem is None:
        told = f"Connection to {host} ({found.address}) {port} port [{protocol.lower()}/*] succeeded!\n"
        return ExecResult(0, "", told if loud else "", seconds)
    if found.problem in (Problem.UNRESOLVED, Problem.NO_DNS):
        why = (
            "Name or service not known"
            if found.problem is Problem.UNRESOLVED
            else "Temporary failure in name resolution"
        )
        return failed(1, f'nc: getaddrinfo for host "{host}" port {port}: {why}', seconds)
    why = "Connection refused" if found.problem is Problem.REFUSED else "Connection timed out"
    told = f"nc: connect to {host} ({found.address}) port {port} ({protocol.lower()}) failed: {why}"
    return failed(1, told if loud else "", seconds)


def split_options(arguments: Sequence[str], valued: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """(options with their values, the other words). `valued` are the options that take the next word."""
    options: dict[str, str] = {}
    words, rest = [], list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            words.append(word)
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            options[name] = value if equals or name not in valued else (rest.pop(0) if rest else "")
        else:
            _short(word[1:], valued, rest, options)
    return options, words


def _short(letters: str, valued: Sequence[str], rest: list[str], options: dict[str, str]) -> None:
    """Options of one letter each, the last of which may have its value behind it, or in the next word."""
    for place, letter in enumerate(letters):
        name = f"-{letter}"
        if name in valued:
            options[name] = letters[place + 1 :] or (rest.pop(0) if rest else "")
            return
        options[name] = ""
