"""The small part of markdown that reports use, read into blocks of text; all else stays text as it is written.

Nothing is turned into HTML, so a report cannot hold an element, a link or an image.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from aiops.ui.dom import box, text

_HEADING = re.compile(r"(#{1,4})\s+(.*)")
_TITLE = re.compile(r"\*\*([^*]+)\*\*")
_ITEM = re.compile(r"\s*[-*]\s+(.*)")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>#|!{}()+\-.])")
_SPAN = re.compile(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*|(?<!\\)`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text within a block."""

    text: str
    style: Literal["plain", "strong", "code"] = "plain"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, one item of a list, or lines in which nothing is markup."""

    kind: Literal["heading", "paragraph", "item", "code"]
    spans: tuple[Span, ...]


def read(source: str) -> list[Block]:
    """The blocks of a markdown text, one a line; lines that are fenced or indented by four stay together."""
    blocks: list[Block] = []
    code: list[str] = []
    fenced = False
    for line in source.splitlines():
        fence = line.startswith("```")
        if fenced or fence or line.startswith("    ") or (code and not line.strip()):
            if not fence:
                code.append(line if fenced else line[4:])
            fenced = fenced != fence
            continue
        blocks += _code(code)
        code = []
        if line.strip():
            blocks.append(_block(line))
    return blocks + _code(code)


def _code(lines: list[str]) -> list[Block]:
    text = "\n".join(lines).strip("\n")
    return [Block("code", (Span(text, "code"),))] if text else []


def _block(line: str) -> Block:
    if found := _HEADING.fullmatch(line):
        return Block("heading", spans(found[2]))
    if found := _TITLE.fullmatch(line.strip()):
        return Block("heading", (Span(_unescaped(found[1])),))
    if found := _ITEM.fullmatch(line):
        return Block("item", spans(found[1]))
    return Block("paragraph", spans(line))


def spans(line: str) -> tuple[Span, ...]:
    """Bold and code within a line; a backslash takes a mark's meaning away."""
    found, end = [], 0
    for match in _SPAN.finditer(line):
        if match.start() > end:
            found.append(Span(_unescaped(line[end : match.start()])))
        strong = match[1] is not None
        found.append(Span(_unescaped(match[1]), "strong") if strong else Span(match[2], "code"))
        end = match.end()
    if end < len(line):
        found.append(Span(_unescaped(line[end:])))
    return tuple(found)


def draw(source: str) -> None:
    """Show a markdown text as elements."""
    with box("div", "prose"):
        for block in read(source):
            if block.kind == "code":
                text(block.spans[0].text, "pre", "code")
                continue
            with box(
                {"heading": "h3", "paragraph": "p", "item": "div"}[block.kind], "item" if block.kind == "item" else ""
            ):
                for span in block.spans:
                    text(span.text, {"plain": "span", "strong": "strong", "code": "code"}[span.style])


def _unescaped(part: str) -> str:
    return _ESCAPED.sub(r"\1", part)
