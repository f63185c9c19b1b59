"""Whether a look at a service departs from what is usual there, in a way that its users feel.

Symptoms, not causes (Beyer et al., "Site Reliability Engineering", 2016, chapter 6): failures, latency and the traffic
that stays away are judged; saturation is not, since full machines that serve well are well used.
"""

from __future__ import annotations

from math import log

from aiops.analysis.watching.evidence import ENOUGH, added, weight
from aiops.analysis.watching.track import Look, Track
from aiops.core.model import Value

SPAN = 60.0
"""Seconds over which the figures of a look are rates."""

USUAL_RATIO = 0.005
"""Share of failures that is taken to be usual at least."""

SLOWER, MUCH_SLOWER = 2.0, 4.0
LEAST_SLOW = 0.03
"""Seconds by which a mean must rise to be felt."""

SPREADS = 6.0
LEAST_SPREAD = 0.1

FEWER = 0.3
"""Of the requests that were to be expected: half the users may stay away because they have something else to do.
Those that are refused do not count: who tries doors comes on top, but where nearly everybody is refused, users are."""

LEAST_ASKED = 30.0
"""Requests within a look below which latency and traffic are not judged."""

LOOKS = {"errors": 1, "very slow": 2, "slow": 4, "traffic": 4}
"""Looks in a row that a departure must last."""


class Departure(Value):
    """`kind` is errors, budget, latency or traffic; `size` how many times what is usual; `text` one sentence."""

    kind: str
    text: str
    observed: float
    usual: float


def departures(look: Look, track: Track, objective: float, *, entry: bool) -> list[Departure]:
    """The departures of this look that have lasted long enough. `entry`: users come in here, so that traffic that
    stays away is judged too; inside, who is not asked may have nothing to do. Counts in `track` how long they last."""
    seen = {
        "errors": _failing(look, track),
        "very slow": _slower(look, track, MUCH_SLOWER),
        "slow": _slower(look, track, SLOWER),
        "traffic": _fewer(look, track) if entry else None,
    }
    found: dict[str, Departure] = {}
    for name, departure in seen.items():
        track.looks[name] = track.looks.get(name, 0) + 1 if departure is not None else 0
        if departure is not None and track.looks[name] >= LOOKS[name]:
            found.setdefault(departure.kind, departure)
    if "errors" not in found and (burn := _burning(look, track, objective)) is not None:
        found["budget"] = burn
    return list(found.values())


def _failing(look: Look, track: Track) -> Departure | None:
    known = track.usual.get("ratio")
    usual = max(known.level if known else 0.0, USUAL_RATIO)
    seconds = min(look.at - track.weighed_at, SPAN) if track.weighed_at is not None else 0.0
    new = weight(look.requests * seconds, look.failed * seconds, usual)
    track.weighed_at, track.weight = look.at, added(track.weight, new)
    if track.weight < ENOUGH or new <= 0:
        return None
    text = f"{look.ratio:.0%} of requests fail (usual: {usual:.1%})"
    return Departure(kind="errors", text=text, observed=look.ratio, usual=usual)


def _slower(look: Look, track: Track, times: float) -> Departure | None:
    known = track.usual.get("latency")
    if known is None or known.level <= 0 or look.requests * SPAN < LEAST_ASKED or not look.latency > 0:
        return None
    factor = look.latency / known.level
    if factor < times or look.latency - known.level < LEAST_SLOW:
        return None
    if log(factor) < SPREADS * max(known.spread, LEAST_SPREAD):
        return None
    text = f"requests take {look.latency * 1000:.0f} ms on average (usual: {known.level * 1000:.0f} ms)"
    return Departure(kind="latency", text=text, observed=look.latency, usual=known.level)


def _fewer(look: Look, track: Track) -> Departure | None:
    known = track.usual.get("served")
    if known is None or known.level * SPAN < LEAST_ASKED or look.served > FEWER * known.level:
        return None
    if log(known.level / max(look.served, 1.0 / SPAN)) < SPREADS * max(known.spread, LEAST_SPREAD):
        return None
    coming = f"{look.requests:.1f} requests/s come in"
    if look.refused > look.served:
        coming += f" and {look.refused / look.requests:.0%} of them are refused"
    text = f"{coming} (usual: {known.level:.1f})"
    return Departure(kind="traffic", text=text, observed=look.served, usual=known.level)


def _burning(look: Look, track: Track, objective: float) -> Departure | None:
    if not look.ratio > 0 or (rule := track.burning(objective)) is None:
        return None
    text = (
        f"the error budget of {1 - objective:.1%} is used up {rule.rate:g} times as fast as it lasts,"
        f" over {rule.long / 3600:g} h and still over {rule.short / 60:.0f} min"
    )
    return Departure(kind="budget", text=text, observed=look.ratio, usual=1 - objective)
