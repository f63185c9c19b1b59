"""Normalises what kubectl prints: a document that it printed as JSON or YAML, or lines."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from tests.conformance.normalise import kubelet
from tests.conformance.normalise.strings import AGE, Masks
from tests.conformance.plain_yaml import PlainLoader

_BLANKS = re.compile(r"(?<=\S)(?: {2,}|\t+)(?=\S)")
_HEADER = re.compile(r"(?:^|  )(?:AGE|LAST SEEN|FIRST SEEN|LAST SCHEDULE|DURATION|Age)(?:  |$)")
_AGE_LINE = re.compile(r"^(\s*(?:Age|Duration|Last Schedule Time):\s+)\S+$")
_SINCE = re.compile(r"\b(?:\d+[ydhms])+ (ago)\b")
_OVER = re.compile(r"(\(x\d+ over )(?:\d+[ydhms])+\)")
_MADE = re.compile(r"<(?:x|hash|event)>")
_OUTPUT = re.compile(r"^(?:-o|--output)(?:=| )?(json|yaml)$")


def document(arguments: list[str], stdout: str) -> Any:
    """What was printed with `-o json`, `-o yaml` or `--raw`, parsed; None for all else."""
    joined = [f"{a} {b}" for a, b in zip(arguments, [*arguments[1:], ""], strict=True)]
    shapes = [found[1] for text in (*arguments, *joined) if (found := _OUTPUT.match(text))]
    shapes += ["json"] if any(each.startswith("--raw") for each in arguments) else []
    if not shapes:
        return None
    try:
        return json.loads(stdout) if shapes[0] == "json" else yaml.load(stdout, Loader=PlainLoader)
    except (ValueError, yaml.YAMLError):
        return None


def lines(text: str, masks: Masks, arguments: list[str]) -> list[str]:
    """The lines of a text without ages and alignment; those with generated names sorted, unless time ordered them."""
    shown, in_table, described = [], False, "describe" in arguments
    for line in masks.mask(text).splitlines():
        if described and line.strip().startswith(kubelet.DESCRIBED):
            continue
        in_table = bool(_HEADER.search(line)) or (in_table and bool(line.strip()))
        if in_table and kubelet.printed(line):
            continue
        shown.append(_line(line, in_table=in_table))
    watched = {"-w", "--watch", "--watch-only"} & set(arguments)
    return shown if watched else _runs_sorted(shown)


def _line(line: str, *, in_table: bool) -> str:
    line = _AGE_LINE.sub(r"\1<age>", line)
    line = _OVER.sub(r"\1<age>)", _SINCE.sub(r"<age> \1", line))
    if in_table:
        parts = re.split(r"( {2,}|\t+)", line.rstrip())
        line = "".join("<age>" if part and AGE.fullmatch(part.partition(" (x")[0]) else part for part in parts)
    return _BLANKS.sub("  ", line).rstrip()


def _runs_sorted(shown: list[str]) -> list[str]:
    done: list[str] = []
    run: list[str] = []
    for line in [*shown, ""]:
        if _MADE.search(line):
            run.append(line)
        else:
            done += [*sorted(run), line]
            run = []
    return done[:-1]
