"""Queues that fill."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aiops.analysis.behaviour.neighbourhood import consumers, suffers, suspects
from aiops.analysis.behaviour.picture import NEWEST, Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism

GREW, LEAST = 3.0, 50.0
"""Factor and number by which the messages that wait grow."""

LATE = 300.0
"""Seconds for which the newest message waits, at the pace at which messages are taken now, or for which they pile up
more and more, from which work is undone: a deploy of a consumer lets messages wait as well, and for less."""

NOT_LESS = 0.8
"""Share of the most messages that waited, down to which they do not become fewer."""

LAG, POISON = 0.5, 0.5

SENDER = 0.8
"""Strength against a workload that came as the first messages were given up."""


@behaviour("queues")
def queues(picture: Picture) -> Iterator[Sighting]:
    """Messages that pile up at consumers whose own calls are well; given up or taken again and again, they are such as
    cannot be handled, and who sends them is whoever came as that began.

    Reads what the exporters of RabbitMQ and Kafka tell: messages that wait, that are taken and that are given up."""
    for broker in picture.having("backlog"):
        waiting = picture.level(broker, "backlog")
        if waiting is None or not waiting.rose(GREW, LEAST):
            continue
        dead = picture.level(broker, "dead_letters")
        poison = dead is not None and dead.rose(3.0, 0.01)
        senders = _new_senders(picture, broker) if poison else []
        for consumer in _behind(picture, broker):
            if any(suffers(call) for call in picture.outgoing(consumer) if call.target != broker):
                continue
            mechanism = Mechanism.QUEUE_POISON_MESSAGE if poison else Mechanism.QUEUE_CONSUMER_LAG
            blamed = [hypothesis for sender in senders for hypothesis in blames(sender, mechanism, SENDER)]
            came = f" since {', '.join(str(sender) for sender in senders)} came" if senders else ""
            yield Sighting(
                subject=consumer,
                signal="backlog",
                summary=f"Messages wait in {broker} for {consumer}{', or are given up' if poison else ''}{came}.",
                observed=f"{waiting.now:.0f} messages wait",
                baseline=f"{waiting.before:.0f}",
                score=0.8 if _is_late(picture, broker, waiting.now) else 0.6,
                blames=(*blamed, *blames(consumer, mechanism, POISON if poison else LAG)),
            )


def _is_late(picture: Picture, broker: Entity, waiting: float) -> bool:
    """Do messages wait long? A broker with many queues has one that stands among others that flow: there it tells for
    how long messages have piled up."""
    taken = picture.now(broker, "consumed")
    return (taken is not None and waiting >= LATE * taken) or _piles_up(picture, broker)


def _piles_up(picture: Picture, broker: Entity) -> bool:
    """Have many messages waited for long, and do they not become fewer?"""
    track = picture.tracks[broker, "backlog"]
    known = (track.times <= picture.window.end) & np.isfinite(track.values)
    times, values = track.times[known], track.values[known]
    few = np.flatnonzero(values < LEAST)
    since = times[few[-1]] if len(few) else times[0]
    newest = Picture.within(track, Window(start=picture.window.end - NEWEST, end=picture.window.end))
    most = float(np.max(values[times >= since]))
    return bool(picture.window.end - since >= LATE and float(np.median(newest)) >= NOT_LESS * most)


def _new_senders(picture: Picture, broker: Entity) -> list[Entity]:
    """Who came about when it began, and sends to the broker for all that is known of it."""
    return [one.entity for one in suspects(picture) if not one.changed and (not one.uses or broker in one.uses)]


def _behind(picture: Picture, broker: Entity) -> list[Entity]:
    """The consumers of a broker that do less than before, or hold more at once; all of them where none does."""
    known = consumers(picture, broker)
    return [one for one in known if _falls_behind(picture, one)] or known


def _falls_behind(picture: Picture, consumer: Entity) -> bool:
    active, cpu = picture.level(consumer, "active"), picture.level(consumer, "cpu")
    return (active is not None and active.rose(2.0, 2.0)) or (cpu is not None and cpu.fell(0.8, 0.002))
