"""Queues that fill."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import suffers
from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

GREW, LEAST = 3.0, 50.0
"""Factor and number by which the messages that wait grow."""

LAG, POISON = 0.5, 0.5


@behaviour("queues")
def queues(picture: Picture) -> Iterator[Sighting]:
    """Messages that pile up at consumers whose own calls are well; given up or taken again and again, they are such as
    cannot be handled."""
    for broker in picture.having("backlog"):
        waiting = picture.level(broker, "backlog")
        if waiting is None or not waiting.rose(GREW, LEAST):
            continue
        dead = picture.level(broker, "dead_letters")
        poison = dead is not None and dead.rose(3.0, 0.01)
        for consumer in _consumers(picture, broker):
            if any(suffers(call) for call in picture.outgoing(consumer) if call.target != broker):
                continue
            mechanism = Mechanism.QUEUE_POISON_MESSAGE if poison else Mechanism.QUEUE_CONSUMER_LAG
            yield Sighting(
                subject=consumer,
                signal="backlog",
                summary=f"Messages wait in {broker} for {consumer}{', or are given up' if poison else ''}.",
                observed=f"{waiting.now:.0f} messages wait",
                baseline=f"{waiting.before:.0f}",
                score=0.6,
                blames=blames(consumer, mechanism, POISON if poison else LAG),
            )


def _consumers(picture: Picture, broker: Entity) -> list[Entity]:
    """Who is connected to a broker and was not seen to send to it."""
    senders = {call.source for call in picture.incoming(broker) if (call.rate[0] or call.rate[1] or 0.0) > 0}
    return [user for user in picture.users.get(broker, ()) if user not in senders]
