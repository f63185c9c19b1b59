"""Reads one runbook: markdown with YAML front matter. Every error names the file and the line."""

from __future__ import annotations

import re
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from aiops.core.errors import InvalidInputError
from aiops.core.mechanism import Mechanism
from aiops.core.runbook import Runbook, Section

FENCE = "---"
MOST_CHARACTERS = 50_000
_HEADING = re.compile(r"##\s+(.+?)\s*#*")
_CODE = re.compile(r"\s*(```|~~~)")


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[Annotated[str, Field(max_length=500)], ...], BeforeValidator(_as_tuple), Field(max_length=50)]
Mechanisms = Annotated[tuple[Mechanism, ...], BeforeValidator(_as_tuple)]


class FrontMatter(BaseModel):
    """The head of a runbook. One value may stand in place of a list."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    mechanisms: Mechanisms = ()
    applies_to: Texts = ()
    symptoms: Texts = ()
    links: Texts = ()

    @field_validator("links")
    @classmethod
    def _web_only(cls, links: tuple[str, ...]) -> tuple[str, ...]:
        for link in links:
            if not link.startswith(("https://", "http://")):
                raise ValueError(f"{link!r} does not begin with http:// or https://")
        return links


def parse(name: str, text: str, place: str, *, own: bool = False) -> Runbook:
    """The runbook in `text`; `place` is the file, for error texts. Raises `InvalidInputError`."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidInputError(f"{place}: longer than {MOST_CHARACTERS} characters")
    lines = text.splitlines()
    end = _end_of_head(lines, place)
    head = _front_matter(lines[1:end], place)
    sections = _sections(lines[end + 1 :])
    if not sections:
        raise InvalidInputError(f"{place}:{end + 2}: no section (a line that begins with '## ')")
    return Runbook(name=name, sections=sections, own=own, **head.model_dump())


def _end_of_head(lines: list[str], place: str) -> int:
    if not lines or lines[0].rstrip() != FENCE:
        raise InvalidInputError(f"{place}:1: a runbook begins with front matter between two lines of '{FENCE}'")
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == FENCE:
            return number
    raise InvalidInputError(f"{place}:{len(lines)}: the front matter has no end ('{FENCE}')")


def _front_matter(lines: list[str], place: str) -> FrontMatter:
    text = "\n".join(lines)
    try:
        found = yaml.safe_load(text)
        keys = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "nested too deeply, or a value out of range"
        raise InvalidInputError(f"{place}:{mark.line + 2 if mark else 1}: not YAML: {problem}") from error
    if not isinstance(found, dict):
        raise InvalidInputError(f"{place}:2: the front matter is no mapping")
    at = {key.value: key.start_mark.line + 2 for key, _ in keys.value} if keys is not None else {}
    try:
        return FrontMatter.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        raise InvalidInputError(f"{place}:{at.get(field, 2)}: {field}: {first['msg']}") from error


def _sections(lines: list[str]) -> tuple[Section, ...]:
    """The parts below headings of second order; what looks like a heading inside a code block is none."""
    found: list[tuple[str, list[str]]] = []
    fence = ""
    for line in lines:
        if code := _CODE.match(line):
            mark = code.group(1)
            fence = "" if fence == mark else fence or mark
        heading = None if fence or code else _HEADING.fullmatch(line)
        if heading is not None:
            found.append((heading.group(1), []))
        elif found:
            found[-1][1].append(line)
    return tuple(Section(heading=heading, text="\n".join(body).strip()) for heading, body in found)
