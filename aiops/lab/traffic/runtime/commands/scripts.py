"""`sh -c`: a script that is nothing but programs of the table one after the other, and loops of them, for ever or until
one of them succeeds.

This is no shell. Variables are filled in, `;`, `&&`, `||` and new lines are understood, `2>/dev/null` is left away; a
script with anything else is opaque: it is known to be a program, not what it does.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

SHELLS = ("sh", "bash", "ash", "dash", "zsh")
_LOOP = re.compile(r"(.*?)\bwhile\s+(?:true|:|\[\s*1\s*\]|sleep\s+[\d.]+)\s*;\s*do\b(.*?)\bdone\b\s*(.*)", re.DOTALL)
_UNTIL = re.compile(r"(.*?)\b(?:until|while\s+!)\s+(.*?)\s*(?:;|\n)\s*do\b(.*?)\bdone\b\s*;?(.*)", re.DOTALL)
_SLEEP_LOOP = re.compile(r"\bwhile\s+(sleep\s+[\d.]+)\s*;")
_SILENCED = re.compile(r"\s*(?:2>&1|[12]?>>?\s*/dev/(?:null|stdout|stderr|termination-log))")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_OPAQUE = re.compile(r"[|&<>`(){}*?]|\$")
_SEPARATORS = re.compile(r"(&&|\|\||;|\n)")


@dataclass(frozen=True, slots=True)
class Step:
    """One program with its arguments. `when` says whether it runs after the one before: `always`, `ok`, `failed`."""

    words: tuple[str, ...]
    when: str = "always"


@dataclass(frozen=True, slots=True)
class Script:
    """`steps` once, then `loop` again and again where there is one: for ever, or as long as its first step, if they are
    `conditional`, fails. Then comes the `rest`."""

    steps: tuple[Step, ...]
    loop: tuple[Step, ...] = ()
    conditional: bool = False
    rest: tuple[Step, ...] = ()


def is_shell(program: str) -> bool:
    return program.rpartition("/")[2] in SHELLS


def parse(text: str, variables: dict[str, str]) -> Script | None:
    """The script of `sh -c text`; None where it is opaque."""
    plain = _SILENCED.sub("", _VARIABLE.sub(lambda m: variables.get(m[1] or m[2], ""), text)).strip()
    match = _LOOP.fullmatch(plain)
    if match is None and (waiting := _UNTIL.fullmatch(plain)):
        return _waiting(*waiting.groups())
    if match is None:
        steps = _steps(plain)
        return None if steps is None else Script(steps)
    before, inside = _steps(match[1]), _steps(match[2])
    if before is None or not inside:
        return None
    pause = _SLEEP_LOOP.search(plain)
    if pause:
        inside = (Step(tuple(pause[1].split())), *inside)
    return Script(before, inside)


def _waiting(before: str, condition: str, body: str, after: str) -> Script | None:
    first, asked, inside, rest = _steps(before), _steps(condition), _steps(body), _steps(after)
    if first is None or asked is None or inside is None or rest is None or len(asked) != 1:
        return None
    return Script(first, (*asked, *inside), conditional=True, rest=rest)


def _steps(text: str) -> tuple[Step, ...] | None:
    found: list[Step] = []
    when = "always"
    for part in _SEPARATORS.split(text):
        if part in ("&&", "||", ";", "\n"):
            when = {"&&": "ok", "||": "failed"}.get(part, "always")
            continue
        if not part.strip():
            continue
        try:
            words = shlex.split(part, comments=True)
        except ValueError:
            return None
        if _OPAQUE.search(_unquoted(part)):
            return None
        if words and words[0] == "exec":
            words = words[1:]
        if words:
            found.append(Step(tuple(words), when))
    return tuple(found)


def _unquoted(text: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"", "", text)
