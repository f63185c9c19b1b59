"""Events about an object, in the forms in which API servers give them."""

from __future__ import annotations

from typing import Any

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.events import events, events_about
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity

NOW = 1_800_000_000.0
POD = {"kind": "Pod", "namespace": "shop", "name": "web-1"}


def _event(name: str, **fields: Any) -> dict[str, Any]:
    metadata = {"namespace": "shop", "name": name}
    return {"kind": "Event", "metadata": metadata, "involvedObject": POD, "reason": "FailedMount", **fields}


def test_events_are_told_newest_first_in_old_and_new_form() -> None:
    old = _event("a", count=4, firstTimestamp=rfc3339(NOW - 60), lastTimestamp=rfc3339(NOW - 10), message="old")
    series = {"count": 3, "lastObservedTime": rfc3339(NOW - 5)}
    new = _event("b", eventTime=rfc3339(NOW - 50), series=series, message="new")
    bare = {**_event("c"), "reason": "Unhealthy"}
    state = ClusterState([old, bare, new], NOW)
    assert [(e.message, e.count, e.first_at - NOW, e.last_at - NOW) for e in events(state, "FailedMount")] == [
        ("new", 3, -50.0, -5.0),
        ("old", 4, -60.0, -10.0),
    ]
    assert len(events(state)) == 3
    assert [e.reason for e in events_about(state, Entity(**POD), "Unhealthy")] == ["Unhealthy"]
    assert events_about(state, Entity(kind="Pod", namespace="shop", name="web-2")) == []
