"""Programs that need nothing but their arguments, their environment and the clock."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from time import gmtime, strftime

from aiops.lab.ports import ExecResult
from aiops.lab.traffic.runtime.commands.inside import Inside, failed, printed

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_FOREVER = ("infinity", "inf")


def true(_inside: Inside, _arguments: Sequence[str]) -> ExecResult:
    return ExecResult()


def false(_inside: Inside, _arguments: Sequence[str]) -> ExecResult:
    return ExecResult(1)


def exit_(_inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """The shell's own `exit`."""
    code = arguments[0] if arguments else "0"
    return ExecResult(int(code) % 256) if code.isdecimal() else failed(2, f"exit: {code}: numeric argument required")


def echo(_inside: Inside, arguments: Sequence[str]) -> ExecResult:
    words = list(arguments)
    newline = "\n"
    while words and words[0] in ("-n", "-e", "-ne", "-en"):
        newline = "" if "n" in words.pop(0) else newline
    return printed(" ".join(words) + newline)


def sleep(_inside: Inside, arguments: Sequence[str]) -> ExecResult:
    total = 0.0
    for text in arguments:
        number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS and text[-1:] else (text, "")
        if text in _FOREVER:
            total = inf
        elif number.replace(".", "", 1).isdecimal():
            total += float(number) * _UNITS[unit]
        else:
            return failed(1, f"sleep: invalid number '{text}'")
    return ExecResult(seconds=total) if arguments else failed(1, "sleep: missing operand")


def date(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """The time in the container's zone, which is UTC. `+FORMAT` as strftime has it."""
    shown = next((each[1:] for each in arguments if each.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    if "-Iseconds" in arguments or "-Is" in arguments:
        shown = "%Y-%m-%dT%H:%M:%S+00:00"
    return printed(strftime(shown.replace("%s", str(int(inside.clock))), gmtime(inside.clock)) + "\n")


def hostname(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    return printed(f"{inside.address if set(arguments) & {'-i', '-I'} else inside.hostname}\n")


def printenv(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """`env` and `printenv`: all variables, or the values of those that are named."""
    environment = inside.environment
    if not arguments:
        return printed("".join(f"{name}={value}\n" for name, value in environment.items()))
    found = [environment[name] for name in arguments if name in environment]
    return ExecResult(0 if len(found) == len(arguments) else 1, "".join(f"{value}\n" for value in found))


def env(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    return printenv(inside, ()) if not arguments else failed(127, f"env: '{arguments[0]}': not supported here")


def whoami(inside: Inside, _arguments: Sequence[str]) -> ExecResult:
    return printed("root\n" if _uid(inside) == 0 else f"whoami: unknown uid {_uid(inside)}\n")


def identity(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """`id`."""
    uid = _uid(inside)
    if "-u" in arguments:
        return printed(f"{uid}\n")
    return printed("uid=0(root) gid=0(root) groups=0(root)\n" if uid == 0 else f"uid={uid} gid={uid} groups={uid}\n")


def uname(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    info = ((inside.node or {}).get("status") or {}).get("nodeInfo") or {}
    kernel, machine = info.get("kernelVersion", "6.1.0"), "x86_64"
    if "-a" in arguments:
        return printed(f"Linux {inside.hostname} {kernel} #1 SMP PREEMPT_DYNAMIC {machine} GNU/Linux\n")
    return printed({"-r": kernel, "-n": inside.hostname, "-m": machine}.get((*arguments, "")[0], "Linux") + "\n")


def pwd(_inside: Inside, _arguments: Sequence[str]) -> ExecResult:
    return printed("/\n")


def _uid(inside: Inside) -> int:
    """The user that the container runs as: its own security context, the pod's, else the image's."""
    for container in inside.pod["spec"].get("containers") or ():
        own = (container.get("securityContext") or {}).get("runAsUser")
        if container["name"] == inside.process.container.name and own is not None:
            return int(own)
    pods = (inside.pod["spec"].get("securityContext") or {}).get("runAsUser")
    return int(pods) if pods is not None else inside.process.uid
