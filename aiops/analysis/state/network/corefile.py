"""What a Corefile does to names, as far as its plugins `kubernetes`, `rewrite`, `hosts` and `template` say.

Source: the manual pages of CoreDNS and of these plugins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)

_MATCHING = ("exact", "prefix", "suffix", "substring", "regex")


@dataclass(frozen=True, slots=True)
class Directive:
    """A plugin's line: its words, and those of each line of its block."""

    words: tuple[str, ...]
    block: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class NameRule:
    """A rule that gives names another answer than the Services have; `text` is how it is written."""

    text: str
    plugin: str
    matching: str
    name: str

    def meets(self, name: str) -> bool:
        """Does the rule take this complete name (without the last dot)?"""
        mine = self.name.rstrip(".")
        match self.matching:
            case "exact":
                return name == mine
            case "prefix":
                return name.startswith(mine)
            case "suffix":
                return name.endswith(mine)
            case "substring":
                return mine in name
            case "regex":
                return _matches(self.name, name)
        return False


def directives(text: str) -> list[Directive]:
    """The plugins of all server blocks, in their order. What is no Corefile gives what could be read of it."""
    found: list[Directive] = []
    open_words: tuple[str, ...] | None = None
    block: list[tuple[str, ...]] = []
    depth = 0
    for line in COMMENT.sub("", text).splitlines():
        words = tuple(line.split())
        if not words:
            continue
        if words[-1] == "{":
            depth += 1
            if depth == 2:
                open_words, block = words[:-1], []
            elif depth > 2:
                block.append(words[:-1])
        elif words == ("}",):
            if depth == 2 and open_words is not None:
                found.append(Directive(open_words, tuple(block)))
            depth -= 1
        elif depth == 1:
            found.append(Directive(words))
        elif depth > 1:
            block.append(words)
    return [one for one in found if one.words]


def cluster_zones(text: str) -> tuple[str, ...]:
    """The zones that the plugin `kubernetes` answers for."""
    served = (one.words[1:] for one in directives(text) if one.words[0] == "kubernetes")
    return tuple(zone.rstrip(".") for zones in served for zone in zones if not zone.endswith(".arpa"))


def name_rules(text: str) -> list[NameRule]:
    """The rules that answer for names in place of `kubernetes`."""
    return [rule for one in directives(text) for rule in _RULES.get(one.words[0], _none)(one)]


def _none(_: Directive) -> Iterator[NameRule]:
    return iter(())


def _rewrites(one: Directive) -> Iterator[NameRule]:
    """`rewrite [continue|stop] name [MATCHING] FROM TO`, on one line or in a block."""
    for words in (one.words, *(("rewrite", *line) for line in one.block)):
        rest = [word for word in words[1:] if word not in ("continue", "stop")]
        if rest[:1] != ["name"]:
            continue
        matching = rest[1] if len(rest) > 1 and rest[1] in _MATCHING else "exact"
        name = rest[2:3] if matching in rest[1:2] else rest[1:2]
        if name:
            yield NameRule(" ".join(words), "rewrite", matching, name[0])


def _hosts(one: Directive) -> Iterator[NameRule]:
    """`hosts { ADDRESS NAME... }`."""
    for line in one.block:
        if line[0][0].isdigit() or ":" in line[0]:
            for name in line[1:]:
                yield NameRule(f"hosts {' '.join(line)}", "hosts", "exact", name)


def _templates(one: Directive) -> Iterator[NameRule]:
    """`template CLASS TYPE [ZONE...] { match REGEX... }`; without `match` all names of the zones."""
    patterns = [word for line in one.block if line[0] == "match" for word in line[1:]]
    for pattern in patterns:
        yield NameRule(" ".join(one.words), "template", "regex", pattern)
    for zone in () if patterns else one.words[3:]:
        yield NameRule(" ".join(one.words), "template", "suffix", zone)


_RULES = {"rewrite": _rewrites, "hosts": _hosts, "template": _templates}


def _matches(pattern: str, name: str) -> bool:
    try:
        return any(re.search(pattern, form) is not None for form in (name, f"{name}."))
    except re.error:
        return False
