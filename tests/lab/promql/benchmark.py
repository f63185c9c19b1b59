"""What queries, rules, samples and copies of the store cost: `python -m tests.lab.promql.benchmark`, JSON to stdout.

CPU time of this process. `first` is a first run over a store, `again` the mean of later ones, which find what was
worked out about labels.
"""

from __future__ import annotations

import copy
import json
import pickle
import sys
from collections.abc import Callable
from time import process_time

import numpy as np

from aiops.lab.prometheus import RuleEngine
from aiops.lab.promql import Engine
from aiops.lab.tsdb import TimeSeriesStore
from aiops.lab.world import World

INTERVAL = 15.0
SAMPLES = 720
AGAIN = 20


def fill(store: TimeSeriesStore, ids: np.ndarray[tuple[int], np.dtype[np.int64]], scrapes: int) -> TimeSeriesStore:
    """Counters with a reset now and then."""
    random = np.random.default_rng(1)
    values = np.zeros(len(ids))
    for row in range(scrapes):
        values = np.where(random.random(len(ids)) < 0.001, 0.0, values + random.integers(0, 100, len(ids)))
        store.append(row * INTERVAL, ids, values)
    return store


def counters(series: int, scrapes: int) -> TimeSeriesStore:
    """One metric of 20 services."""
    store = TimeSeriesStore()
    ids = np.array(
        [
            store.series("m", {"x": f"service-{i % 20}", "pod": f"pod-{i}", "job": "api", "instance": f"10.0.0.{i}:80"})
            for i in range(series)
        ]
    )
    return fill(store, ids, scrapes)


def cost(run: Callable[[], object]) -> dict[str, float]:
    """Milliseconds."""
    start = process_time()
    run()
    first = process_time() - start
    start = process_time()
    for _ in range(AGAIN):
        run()
    return {"first_ms": round(first * 1e3, 2), "again_ms": round((process_time() - start) / AGAIN * 1e3, 2)}


def queries() -> dict[str, dict[str, float]]:
    end = SAMPLES * INTERVAL
    small, large = Engine(counters(500, SAMPLES)), Engine(counters(5000, 120))
    ranged = {
        "sum by (x) (rate(m[5m])), 500 series, 240 steps": "sum by (x) (rate(m[5m]))",
        "avg_over_time(m[5m]), 500 series, 240 steps": "avg_over_time(m[5m])",
        "quantile by (x) (0.9, m), 500 series, 240 steps": "quantile by (x) (0.9, m)",
        "max_over_time(m[1h]), 500 series, 240 steps": "max_over_time(m[1h])",
    }
    step = (end - 1800) / 240
    found = {name: cost(lambda q=query: small.range(q, 1800, end - 1, step)) for name, query in ranged.items()}
    for query in ("m", "sum by (x) (rate(m[5m]))", "m / on (pod) group_left () m > 1", "topk(5, m)"):
        found[f"{query}, 5,000 series, at one moment"] = cost(lambda q=query: large.instant(q, 119 * INTERVAL))
    return found


def rules() -> dict[str, float]:
    world = World("hotel", seed=1)
    for _ in world.ticks(900):
        pass
    engine = RuleEngine(world.rules.groups, world.series)
    moments = iter(world.now + 0.01 * step for step in range(1, 1000))
    costs = cost(lambda: engine.evaluate(next(moments)))
    return {"rules": sum(len(group.rules) for group in engine.groups), **costs}


def store() -> dict[str, float]:
    """40 services of 3 replicas with 300 series each, for an hour. All of them change all the time."""
    filled = TimeSeriesStore()
    pods = [{"namespace": "shop", "service": f"s-{pod // 3}", "pod": f"s-{pod // 3}-{pod % 3}"} for pod in range(120)]
    ids = [filled.series(f"m{series // 10}", {**pod, "le": str(series % 10)}) for pod in pods for series in range(300)]
    fill(filled, np.array(ids), 240)
    start = process_time()
    copied = copy.deepcopy(filled)
    copying = process_time() - start
    start = process_time()
    pickled = len(pickle.dumps(copied, protocol=5))
    return {
        "series": len(filled),
        "samples": 36_000 * 240,
        "bytes_per_sample": round(filled.nbytes / (36_000 * 240), 2),
        "copy_ms": round(copying * 1e3, 1),
        "pickle_ms": round((process_time() - start) * 1e3, 1),
        "pickle_mb": round(pickled / 1e6, 1),
    }


if __name__ == "__main__":
    json.dump({"queries": queries(), "alert_rules": rules(), "store": store()}, sys.stdout, indent=2)
