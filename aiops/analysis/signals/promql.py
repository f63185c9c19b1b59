"""PromQL of a recognised family: requests, failures and seconds of work of every entity in one expression."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aiops.analysis.signals.families import Family, Recognised

SIGNAL = "signal"
"""The label that says which figure of which family a series of `figures` is."""

REQUESTS, FAILED, REFUSED, BUSY = "requests", "failed", "refused", "busy"


def figures(known: Sequence[tuple[Recognised, str]], seconds: float) -> str:
    """One series for each entity, family and figure, all a second: `requests`, `failed` and `refused` of them, and
    `busy`, the seconds that they took. With each family come label matchers without braces; rates are taken over
    `seconds`."""
    return " or ".join(part for found, match in known for part in _parts(found, match, seconds))


def figure_of(labels: Mapping[str, str]) -> tuple[str, str]:
    """The family's name and the figure that a series of `figures` is."""
    family, _, figure = labels[SIGNAL].rpartition("/")
    return family, figure


def _parts(found: Recognised, match: str, seconds: float) -> Iterator[str]:
    family, by, over = found.family, ", ".join(found.told.labels), f"[{seconds:.0f}s]"
    base = (family.only, match)

    def counted(*matchers: str) -> str:
        return f"sum by ({by}) (rate({family.requests}{_braces(*base, *matchers)}{over}))"

    busy = f"sum by ({by}) (rate({family.duration}_sum{_braces(*base)}{over}))"
    if family.scale != 1.0:
        busy = f"{busy} * {family.scale:g}"
    read = [(REQUESTS, counted()), (FAILED, counted(family.failed)), (BUSY, busy)]
    if family.refused:
        read.append((REFUSED, counted(family.refused)))
    for figure, promql in read:
        yield f'label_replace({promql}, "{SIGNAL}", "{family.name}/{figure}", "", "")'


def presence(known: tuple[Family, ...]) -> str:
    """How many series there are of each family's counter, by the counter's name."""
    return f'count by (__name__) ({{__name__=~"{"|".join(family.requests for family in known)}"}})'


def label_sets(family: Family) -> str:
    """The combinations of those labels by which the entities of a family may be told."""
    labels = dict.fromkeys(label for told in family.told_by for label in told.labels)
    return f"count by ({', '.join(labels)}) ({family.requests}{_braces(family.only)})"


def samples(family: Family, seconds: float) -> str:
    """How many samples of a series there are in so many seconds."""
    return f"max(count_over_time({family.requests}{_braces(family.only)}[{seconds:.0f}s]))"


def _braces(*matchers: str) -> str:
    parts = [part for part in matchers if part]
    return "{" + ",".join(parts) + "}" if parts else ""
