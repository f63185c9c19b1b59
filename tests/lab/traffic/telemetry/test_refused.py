"""Refused attempts by server and reason, and what is counted of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiops.lab.traffic.callgraph.admitting import Refusal
from aiops.lab.traffic.callgraph.graph import UNANSWERED, TurnedAway
from aiops.lab.traffic.telemetry.refused import Refused


def test_attempts_are_divided_among_the_servers_that_refuse_them() -> None:
    refused = Refused(
        [
            TurnedAway(0, 5, Refusal.USER, 0.25),
            TurnedAway(0, 6, Refusal.CREDENTIALS, 0.75),
            TurnedAway(1, 6, Refusal.PLAINTEXT, 1.0),
        ]
    )
    unanswered = np.zeros((len(UNANSWERED), 2))
    unanswered[UNANSWERED.index("denied"), 0] = 0.5
    unanswered[UNANSWERED.index("reset"), 1] = 1.0
    assert refused.of(np.array([80.0, 7.0]), unanswered).tolist() == [10.0, 30.0, 7.0]


def test_a_wrong_password_is_refused_at_one_server_for_one_reason(plain_cluster: Any) -> None:
    plain_cluster.run(60)
    traffic = plain_cluster.traffic
    assert traffic.flow.graph.refusals == ()
    plain_cluster.restart("mongodb-geo-0", env={"MONGO_INITDB_ROOT_PASSWORD": "another"})
    plain_cluster.run(60)
    graph, counted = traffic.flow.graph, traffic.engine.refused
    assert {graph.processes[each.server].pod for each in graph.refusals} == {"mongodb-geo-0"}
    assert {each.why for each in graph.refusals} == {Refusal.CREDENTIALS}
    by_call: dict[int, float] = {}
    for each in graph.refusals:
        by_call[each.call] = by_call.get(each.call, 0.0) + each.share
    assert list(by_call.values()) == pytest.approx([1.0] * len(by_call))
    [server] = {each.server for each in graph.refusals}
    assert counted.logins[server] > 10.0
    assert counted.logins.sum() == counted.logins[server] == counted.connections.sum()
    lines = [line for _, line in traffic.runtime.logs(plain_cluster.container("mongodb-geo-0"), None, None)]
    assert any("storedKey mismatch" in line for line in lines)
