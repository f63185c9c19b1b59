"""A clock that is off is off in what its container writes, and in nobody else's."""

from __future__ import annotations

import json
from datetime import datetime

from aiops.core.disturbance import disturbance_of
from aiops.lab.world import World
from tests.support.worlds import aged

AHEAD = 500.0


def _offsets(world: World, name: str, since: float, until: float) -> set[float]:
    """By how many seconds, in hundreds, the time stamps in lines are ahead of when the runtime got them."""
    container = next(p.container.id for p in world.runtime.running() if p.name == name)
    return _offsets_in(world, container, since, until)


def _offsets_in(world: World, container: str, since: float, until: float) -> set[float]:
    written = world.container_logs.written(container, since, until)
    told = [(line.time, json.loads(line.text)) for line in written if line.text.startswith("{")]
    ahead = [datetime.fromisoformat(str(found.get("time") or found["ts"])).timestamp() - at for at, found in told]
    assert ahead
    return {round(each / 100.0) * 100.0 for each in ahead}


def test_lines_and_spans_have_the_time_that_their_process_sees() -> None:
    world = aged(120.0)
    pods = {"namespace": "hotel", "labels": {"app": "frontend"}}
    world.disturbances.begin("one", disturbance_of({"kind": "clock.offset", "pods": pods, "seconds": AHEAD}))
    began = world.now
    for _ in world.ticks(200.0):
        pass
    world.disturbances.end("one")
    for _ in world.ticks(10.0):
        pass
    assert _offsets(world, "frontend", began, began + 200.0) == {AHEAD}
    assert _offsets(world, "frontend", 0.0, began) == {0.0}
    assert _offsets(world, "search", began, began + 200.0) == {0.0}
    spans = [span for trace in world.traces.newest(world.now) for span in trace.spans]
    late = {span.service for span in spans if span.start > world.now}
    assert late == {"frontend"}
    assert all(span.start < began + AHEAD + 250.0 for span in spans)


def test_the_lines_of_a_start_have_the_time_of_the_machine() -> None:
    world = aged(120.0)
    geo = next(process for process in world.runtime.running() if process.name == "geo")
    node = str(geo.container.pod["spec"]["nodeName"])
    elsewhere = next(p for p in world.runtime.running() if p.container.pod["spec"]["nodeName"] != node)
    world.disturbances.begin(
        "one", disturbance_of({"kind": "node.clock", "nodes": {"names": [node]}, "seconds": AHEAD})
    )
    world.runtime.end(geo, 1)
    since = world.now
    for _ in world.ticks(60.0):
        pass
    again = next(p for p in world.runtime.running() if p.pod == geo.pod)
    assert again is not geo
    assert [entry.ahead for entry in again.log] == [AHEAD] * len(again.log)
    assert _offsets_in(world, again.container.id, since, world.now + AHEAD) == {0.0}
    stamps = [moment for moment, _ in world.runtime.logs(again.container.id, None, None)]
    assert min(stamps) > since + AHEAD
    assert world.container_logs.written(again.container.id, since, world.now) == []
    assert world.container_logs.moments(again.container.id, 0.0, world.now, "stdout").size == 0
    assert world.runtime.logs(elsewhere.container.id, None, None)[-1][0] <= world.now
    shown = world.runtime.execute(again.container.id, ["date", "+%s"]).stdout
    assert float(shown) == round(world.now + AHEAD)
    assert float(world.runtime.execute(elsewhere.container.id, ["date", "+%s"]).stdout) == round(world.now)
