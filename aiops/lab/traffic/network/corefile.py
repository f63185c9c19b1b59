"""The configuration of CoreDNS, as far as it decides what names of the cluster lead to: the plugins `kubernetes`,
`hosts`, `rewrite` and `template`. Source: the plugins' manual pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from aiops.lab.traffic.network.resolver import ZONE

KINDS_OF_RECORDS = ("svc", "pod")


@dataclass(frozen=True, slots=True)
class Corefile:
    """`zones` are those of the cluster's Services, `hosts` addresses by name, `rewrites` (way to match, name, what is
    looked up in its place), `denied` the zones of which no name exists."""

    zones: tuple[str, ...] = (ZONE,)
    hosts: Mapping[str, str] = field(default_factory=dict)
    rewrites: tuple[tuple[str, str, str], ...] = ()
    denied: tuple[str, ...] = ()

    def rewritten(self, name: str) -> str:
        """The name that is looked up in place of another; the first rule that matches counts."""
        for way, old, new in self.rewrites:
            if way == "exact" and name == old:
                return new
            if way == "suffix" and name.endswith(old):
                return f"{name.removesuffix(old)}{new}"
            if way == "prefix" and name.startswith(old):
                return f"{new}{name.removeprefix(old)}"
            if way == "substring" and old in name:
                return name.replace(old, new)
        return name

    def serves(self, name: str) -> bool:
        """Whether a complete name is looked for among the cluster's Services: within the nearest zone it has to end in
        `svc` or `pod`, so that the zone `svc.cluster.local` serves no `shop.default.svc.cluster.local`."""
        zone = max((zone for zone in self.zones if _within(name, [zone])), key=len, default=None)
        if zone is None or _within(name, self.denied):
            return False
        return name.removesuffix(zone).rstrip(".").rpartition(".")[2] in KINDS_OF_RECORDS


def read_corefile(text: str) -> Corefile:
    """What a Corefile says of names. What it does not understand it passes over."""
    zones: list[str] = []
    hosts: dict[str, str] = {}
    rewrites: list[tuple[str, str, str]] = []
    denied: list[str] = []
    for words, block in _directives(text):
        match words[0]:
            case "kubernetes":
                zones += [word.rstrip(".") for word in words[1:]]
            case "hosts":
                hosts |= {name.rstrip("."): entry[0] for entry in block for name in entry[1:] if _is_address(entry[0])}
            case "rewrite":
                rewrites += _rewrite(words[1:])
            case "template" if any(entry == ["rcode", "NXDOMAIN"] for entry in block):
                denied += [word.rstrip(".") for word in words[3:]]
    return Corefile(tuple(zones), hosts, tuple(rewrites), tuple(denied))


def _rewrite(words: Sequence[str]) -> list[tuple[str, str, str]]:
    """`[stop|continue] name [exact|suffix|prefix|substring] FROM TO`; other rewrites change no Service's name."""
    rest = [word for word in words if word not in ("stop", "continue")]
    if len(rest) < 3 or rest[0] != "name":
        return []
    way = rest[1] if len(rest) > 3 else "exact"
    old, new = rest[-2:] if len(rest) <= 4 else rest[2:4]
    return [(way, old.rstrip("."), new.rstrip("."))]


def _directives(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """The directives of all server blocks, each with the lines of its own block."""
    depth = 0
    current: tuple[list[str], list[list[str]]] | None = None
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        opens, closes = words[-1:] == ["{"], words == ["}"]
        if closes:
            depth -= 1
            if depth == 1 and current is not None:
                yield current
                current = None
            continue
        words = words[:-1] if opens else words
        if words and depth == 1:
            current = (words, [])
            if not opens:
                yield current
                current = None
        elif words and depth > 1 and current is not None:
            current[1].append(words)
        depth += opens


def _within(name: str, zones: Sequence[str]) -> bool:
    return any(name == zone or name.endswith(f".{zone}") for zone in zones)


def _is_address(text: str) -> bool:
    return text.replace(".", "").isdigit() and text.count(".") == 3
