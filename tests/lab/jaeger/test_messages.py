"""A traced message: who sent it, and who took it from the queue."""

from __future__ import annotations

import pytest

from aiops.lab.jaeger.store import Trace, TracedSpan
from aiops.lab.world import World
from tests.support.worlds import copy_of


def _lived() -> World:
    world = World("social", seed=1)
    for _ in world.ticks(600):
        pass
    return world


@pytest.fixture(scope="module")
def traces() -> list[Trace]:
    world = copy_of(_lived)
    return list(world.traces.newest(world.now))


def _spans(traces: list[Trace], kind: str) -> list[tuple[Trace, TracedSpan]]:
    return [(trace, span) for trace in traces for span in trace.spans if span.place.kind == kind]


def test_a_message_begins_a_trace_of_its_own_that_is_linked_to_its_sender(traces: list[Trace]) -> None:
    sent = {(trace.trace_id, span.span_id): span for trace, span in _spans(traces, "producer")}
    taken = _spans(traces, "consumer")
    assert len(taken) > 3
    for trace, span in taken:
        assert not span.parent
        assert span.link is not None
        sender = sent[span.link]
        assert span.link.trace_id != trace.trace_id
        assert sender.start + sender.duration <= span.start + 1e-3
        assert sender.place.tags["messaging.destination.name"] == span.place.tags["messaging.destination.name"]
        assert (sender.operation[:5], span.operation[:8]) == ("send ", "process ")


def test_calls_are_described_by_what_is_called(traces: list[Trace]) -> None:
    calls = [span.tags for _, span in _spans(traces, "client")]
    assert {tags["db.system.name"] for tags in calls if "db.system.name" in tags} >= {"mongodb", "redis"}
    for tags in calls:
        assert ("db.system.name" in tags) != ("http.request.method" in tags)


def test_retries_are_spans_of_their_own(traces: list[Trace]) -> None:
    again = [span for _, span in _spans(traces, "client") if span.resend]
    for span in again:
        assert span.tags["http.request.resend_count"] == str(span.resend)


def test_workers_tell_of_messages_and_not_of_requests() -> None:
    world = copy_of(_lived)
    streams = [stream for stream in world.container_logs.log_streams() if stream.app == "fan-out"]
    lines = [line.text for s in streams for line in world.container_logs.written(s.container_id, 0.0, world.now)]
    assert any('"msg":"message handled","topic":"new-posts"' in line for line in lines)
    assert not any("CONSUME" in line for line in lines)
