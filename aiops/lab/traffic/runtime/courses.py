"""What a container's own command does from its start to its end, where it is no server of the application.

Worked out once at the start: the lines that it writes, the files that it makes, when it ends and how. A loop for ever
is worked out when somebody reads its log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from aiops.lab.apps.images import Image
from aiops.lab.ports import ContainerStart
from aiops.lab.traffic.runtime.commands.inside import Inside
from aiops.lab.traffic.runtime.commands.scripts import Script, Step, is_shell, parse
from aiops.lab.traffic.runtime.commands.table import PROGRAMS, base_name, executable, no_such_file, walk

INSTANT = 0.05
"""Seconds that any process lives."""

OPAQUE_SECONDS = 5.0
"""How long a command that is not understood runs in a pod that is meant to end."""

MOST_ROUNDS = 500
_GREETING = "\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n"
_NOT_STARTED = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
    "runc create failed: unable to start container process: {why}: unknown"
)


@dataclass(frozen=True, slots=True)
class Course:
    """`lines` are (seconds from the start, text); `seconds` is infinite for what runs until it is stopped.

    `made` are (seconds, path, whether it is there from then on). `stops` says whether SIGTERM ends it. `loop` repeats
    from `seconds` on; it `waits` where it ends as soon as its first step succeeds, which has to be looked at again and
    again."""

    lines: tuple[tuple[float, str], ...] = ()
    seconds: float = inf
    exit_code: int = 0
    stops: bool = False
    made: tuple[tuple[float, str, bool], ...] = ()
    loop: tuple[Step, ...] = field(default=())
    waits: bool = False


class StartError(Exception):
    """The container runtime cannot start the process. The text is its message."""


def words_of(container: ContainerStart, image: Image) -> tuple[str, ...]:
    """The command line of a container. The entrypoints of public images are scripts that run a program which they are
    given, in the place of their own."""
    if container.command:
        return (*container.command, *container.args)
    words = container.args or image.command
    if image.entrypoint and words and (words[0] == image.entrypoint[-1] or is_shell(words[0])):
        return words if executable(words[0], image.tools) else (*image.entrypoint, *words)
    return (*image.entrypoint, *words)


def is_server(container: ContainerStart, image: Image) -> bool:
    """Does the container run its image's server, rather than a command in its place?"""
    if image.program is None:
        return False
    words = container.command or container.args
    if not words or (not container.command and not executable(words[0], image.tools)):
        return True
    if is_shell(words[0]):
        script = _script((*container.command, *container.args), {})
        return "-c" in words and (script is None or _starts_server(script, image))
    name = base_name(words[0])
    return name in (image.name, *image.launchers) and name not in PROGRAMS


def unknown_flag(container: ContainerStart) -> str:
    """The first flag that a container gives to its server, where a server knows none: applications take what they need
    from their environment. Empty where there is none, or a shell stands between."""
    words = (*container.command[1:], *container.args)
    if container.command and is_shell(container.command[0]):
        return ""
    return next((word.partition("=")[0] for word in words if word.startswith("-")), "")


def open_files(container: ContainerStart) -> int:
    """The limit of open files that a script sets before it starts the server; 0 where it sets none."""
    words = (*container.command, *container.args)
    script = _script(words, {}) if container.command and is_shell(container.command[0]) else None
    limits = [step.words[2] for step in script.steps if step.words[:2] == ("ulimit", "-n")] if script else []
    return int(limits[-1]) if limits and limits[-1].isdecimal() else 0


def _starts_server(script: Script, image: Image) -> bool:
    """Does a script do nothing but set limits, and then start the image's server?"""
    *before, last = [step.words for step in script.steps] or [("",)]
    return base_name(last[0]) in (image.name, *image.launchers) and all(words[0] == "ulimit" for words in before)


def course_of(inside: Inside, container: ContainerStart, image: Image, *, ends: bool) -> Course:
    """What the command of a container does; `ends` says whether its pod is meant to end. Raises `StartError`."""
    words = words_of(container, image)
    program = words[0]
    if base_name(program) == "pause":
        return Course(stops=True)
    if program == "/hello":
        return Course(tuple((0.0, line) for line in _GREETING.splitlines()), INSTANT)
    if is_shell(program) and executable(program, image.tools):
        return _shell(inside, container, words, ends=ends)
    if executable(program, image.tools):
        return _of_script(inside, Script((Step(words),)))
    if words[: len(image.command)] == image.command or base_name(program) in (image.name, *image.launchers):
        return _opaque(ends=ends)
    raise StartError(_NOT_STARTED.format(why=no_such_file(program)))


def succeeds(inside: Inside, step: Step) -> bool:
    """Whether a single program ends well."""
    return all(result.exit_code == 0 for _, _, result in walk(inside, (step,)))


def loop_lines(inside: Inside, course: Course, start: float, now: float) -> list[tuple[float, str]]:
    """(unix seconds, line) of the last rounds of a loop up to now."""
    period = sum(result.seconds for _, _, result in walk(inside, course.loop))
    if not 0 < period < inf:
        return []
    first = start + course.seconds
    rounds = int((now - first) // period) + 1 if now >= first else 0
    found = []
    for number in range(max(rounds - MOST_ROUNDS, 0), rounds):
        begin = first + number * period
        for offset, _, result in walk(inside.at(begin), course.loop):
            found += [(begin + offset, line) for line in (result.stdout + result.stderr).splitlines()]
    return [(moment, line) for moment, line in found if moment <= now]


def _shell(inside: Inside, container: ContainerStart, words: Sequence[str], *, ends: bool) -> Course:
    if "-c" not in words[:-1]:
        return Course() if _interactive(container) else Course(seconds=INSTANT)
    script = _script(words, inside.environment)
    return _opaque(ends=ends) if script is None else _of_script(inside, script)


def _script(words: Sequence[str], variables: dict[str, str]) -> Script | None:
    if "-c" not in words[:-1]:
        return Script(())
    return parse(words[list(words).index("-c") + 1], variables)


def _interactive(container: ContainerStart) -> bool:
    """A shell whose input stays open waits for it."""
    spec = container.pod["spec"]
    every = [*spec["containers"], *(spec.get("initContainers") or ()), *(spec.get("ephemeralContainers") or ())]
    return any(each["name"] == container.name and each.get("stdin") for each in every)


def _opaque(*, ends: bool) -> Course:
    return Course(seconds=OPAQUE_SECONDS) if ends else Course()


def _of_script(inside: Inside, script: Script) -> Course:
    lines: list[tuple[float, str]] = []
    made: list[tuple[float, str, bool]] = []
    code, seconds = 0, 0.0

    def go(steps: tuple[Step, ...]) -> None:
        nonlocal code, seconds
        start = seconds
        for offset, step, result in walk(inside.at(inside.now + start), steps):
            lines.extend((start + offset, line) for line in (result.stdout + result.stderr).splitlines())
            made.extend(_made(step, start + offset))
            code, seconds = result.exit_code, start + offset + result.seconds

    go(script.steps)
    if script.loop and not (script.conditional and succeeds(inside.at(inside.now + seconds), script.loop[0])):
        return Course(tuple(lines), seconds, made=tuple(made), loop=script.loop, waits=script.conditional)
    go((*script.loop[:1], *script.rest))
    return Course(tuple(lines), max(seconds, INSTANT), code, made=tuple(made))


def _made(step: Step, offset: float) -> list[tuple[float, str, bool]]:
    """The files that a step makes or removes."""
    program = base_name(step.words[0])
    if program not in ("touch", "rm"):
        return []
    return [(offset, word, program == "touch") for word in step.words[1:] if not word.startswith("-")]
