from __future__ import annotations

from typing import Any

import numpy as np

from aiops.lab.traffic.callgraph.graph import OUTCOMES
from aiops.lab.traffic.telemetry.tallies import BOUNDS, Tallies


def test_rows_keep_their_counts_while_their_process_lives() -> None:
    tallies = Tallies(2)
    tallies.adopt(["a", "b"])
    tallies.values[:, 0, -2] = [1.0, 2.0]
    tallies.adopt(["b", "c", "a"])
    assert tallies.values[:, 0, -2].tolist() == [2.0, 0.0, 1.0]
    tallies.adopt(["c"])
    tallies.adopt(["a"])
    assert tallies.values[:, 0, -2].tolist() == [0.0]


def test_callers_and_callees_count_the_same_requests(plain_cluster: Any) -> None:
    plain_cluster.run(15)
    plain_cluster.run(120)
    traffic = plain_cluster.traffic
    graph = traffic.flow.graph
    before_server, before_client = traffic.answers.values.copy(), traffic.attempts.values.copy()
    plain_cluster.run(60)
    served = (traffic.answers.values - before_server)[:, :, -2]
    asked = (traffic.attempts.values - before_client)[:, :, -2]
    geo = [i for i, h in enumerate(graph.handlers) if graph.processes[h.process].name == "geo" and i]
    callers = [i for i, call in enumerate(graph.calls) if call.host == "geo"]
    assert np.isclose(served[geo].sum(), asked[callers].sum())
    errors = asked[callers][:, [OUTCOMES.index(str(s)) for s in (500, 503)]].sum()
    assert np.isclose(errors, served[geo][:, 1:].sum(), rtol=1e-6)


def test_a_timeout_is_counted_just_after_its_bound(plain_cluster: Any) -> None:
    plain_cluster.run(60)
    for pod in ("search-0", "search-1"):
        plain_cluster.restart(pod, env={"GEO_ADDR": "192.0.2.1:8083"})
    plain_cluster.run(60)
    traffic = plain_cluster.traffic
    row = next(i for i, call in enumerate(traffic.flow.graph.calls) if call.host == "192.0.2.1")
    counted = traffic.attempts.values[row, OUTCOMES.index("timeout")]
    assert counted[-2] > 0
    assert counted[list(BOUNDS).index(1.0)] == 0.0
    assert counted[list(BOUNDS).index(2.5)] == counted[-2]
    assert np.isclose(counted[-1] / counted[-2], 1.003)
