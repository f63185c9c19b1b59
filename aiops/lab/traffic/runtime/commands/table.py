"""The programs that can be run in a container, by name, and how a command is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import inf

from aiops.lab.ports import ExecResult
from aiops.lab.traffic.runtime.commands import basics, connections, files, machine, names, pings, requests
from aiops.lab.traffic.runtime.commands.inside import Inside, failed
from aiops.lab.traffic.runtime.commands.scripts import Step, is_shell, parse

LONGEST = 64 * 1024
"""Characters of each stream of a command."""

NOT_FOUND = 127
Program = Callable[[Inside, Sequence[str]], ExecResult]

PROGRAMS: dict[str, Program] = {
    "true": basics.true,
    ":": basics.true,
    "false": basics.false,
    "exit": basics.exit_,
    "echo": basics.echo,
    "sleep": basics.sleep,
    "date": basics.date,
    "hostname": basics.hostname,
    "env": basics.env,
    "printenv": basics.printenv,
    "whoami": basics.whoami,
    "id": basics.identity,
    "uname": basics.uname,
    "pwd": basics.pwd,
    "cat": files.cat,
    "head": files.head,
    "tail": files.tail,
    "ls": files.list_,
    "test": files.test,
    "[": files.test,
    "df": machine.df,
    "free": machine.free,
    "ps": machine.ps,
    "nproc": machine.nproc,
    "uptime": machine.uptime,
    "nslookup": names.nslookup,
    "getent": names.getent,
    "dig": names.dig,
    "host": names.host,
    "nc": connections.nc,
    "ping": pings.ping,
    "curl": requests.curl,
    "wget": requests.wget,
    "touch": files.touch,
    "rm": files.remove,
    "mkdir": files.touch,
}
_BUILT_IN = ("exit", ":")
"""Known to a shell alone."""


def base_name(program: str) -> str:
    return program.rpartition("/")[2]


def executable(program: str, tools: tuple[str, ...] | None) -> bool:
    """Can this be executed where the image has these tools (None: the usual ones)?"""
    if tools is not None:
        return program in tools
    name = base_name(program)
    return (name in PROGRAMS and name not in _BUILT_IN) or is_shell(program)


def no_such_file(program: str) -> str:
    """The low-level runtime's words about a program that is not there."""
    if "/" in program:
        return f'exec: "{program}": stat {program}: no such file or directory'
    return f'exec: "{program}": executable file not found in $PATH'


def run(inside: Inside, command: Sequence[str], tools: tuple[str, ...] | None) -> ExecResult:
    """Run a command in a container, as `kubectl exec` does."""
    if not command:
        return ExecResult(NOT_FOUND, problem="exec: no command given")
    program, arguments = command[0], command[1:]
    if not executable(program, tools):
        why = f"OCI runtime exec failed: exec failed: unable to start container process: {no_such_file(program)}"
        return ExecResult(NOT_FOUND, problem=why)
    if is_shell(program):
        return bounded(_shell(inside, program, arguments))
    return bounded(PROGRAMS[base_name(program)](inside, arguments))


def _shell(inside: Inside, program: str, arguments: Sequence[str]) -> ExecResult:
    if not arguments:
        return ExecResult()  # its input is at its end
    text = arguments[arguments.index("-c") + 1] if "-c" in arguments[:-1] else None
    script = parse(text, inside.environment) if text is not None else None
    if script is None or script.loop:
        return failed(NOT_FOUND, f"{base_name(program)}: this is no shell: only simple commands can be run here")
    return run_steps(inside, script.steps)


def run_steps(inside: Inside, steps: Sequence[Step]) -> ExecResult:
    """The programs of a script together."""
    out = err = ""
    code, seconds = 0, 0.0
    for offset, _, result in walk(inside, steps):
        out, err = out + result.stdout, err + result.stderr
        code, seconds = result.exit_code, offset + result.seconds
    return ExecResult(code, out, err, seconds)


def walk(inside: Inside, steps: Sequence[Step]) -> Iterator[tuple[float, Step, ExecResult]]:
    """(seconds from the start, step, result) of each program of a script, each at the moment when the one before has
    ended."""
    offset, code = 0.0, 0
    for step in steps:
        if step.when != "always" and (code == 0) != (step.when == "ok"):
            continue
        result = _one(inside.at(inside.now + offset), step)
        yield offset, step, result
        code, offset = result.exit_code, offset + result.seconds
        if step.words[0] == "exit" or offset == inf:
            return


def _one(inside: Inside, step: Step) -> ExecResult:
    program, arguments = step.words[0], step.words[1:]
    found = PROGRAMS.get(base_name(program))
    return found(inside, arguments) if found else failed(NOT_FOUND, f"sh: {program}: not found")


def bounded(result: ExecResult) -> ExecResult:
    return replace(result, stdout=result.stdout[:LONGEST], stderr=result.stderr[:LONGEST])
