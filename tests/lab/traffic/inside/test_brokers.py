from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.support.small_apps import small
from tests.support.traffic import break_port, failing, mend_port, requests_to, set_rate

BROKER = {
    "role": "queue",
    "protocol": "amqp",
    "language": "rabbitmq",
    "image": "registry.example.com/small/broker",
    "versions": ["1"],
    "port": 5672,
    "routes": {"publish": {"cpu_ms": 0.2}},
}
WORKER = {
    "language": "python",
    "image": "registry.example.com/small/worker",
    "versions": ["1"],
    "port": 8003,
    "routes": {"handle order": {"cpu_ms": 2, "wait_ms": 40}},
}


def with_queue(topic: dict[str, Any] | None = None, worker: dict[str, Any] | None = None, **fields: Any) -> Any:
    """`back` publishes an order for each request, `worker` handles them."""
    publish = {"to": "BROKER_ADDR", "route": "publish", "topic": "orders"}
    consumer = {"at": "BROKER_ADDR", "topic": "orders", "route": "handle order", "workers": 4, **(worker or {})}
    address = {"BROKER_ADDR": "broker:5672"}
    return small(
        back={"route": {"calls": [[publish]]}},
        programs={
            "broker": {**BROKER, "topics": {"orders": topic or {}}},
            "worker": {**WORKER, "consumers": [consumer]},
        },
        workloads={"back": {"env": address}, "worker": {"env": address}, "broker": {"replicas": 1}},
        **{"rate": 50, **fields},
    )


def conserved(brokers: Any) -> bool:
    return bool(np.allclose(brokers.published, brokers.consumed + brokers.dead + brokers.depth))


def test_messages_are_handled_as_they_come(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(with_queue())
    cluster.run(30)
    assert failing(cluster, 60) < 0.002
    brokers = cluster.traffic.engine.brokers
    assert brokers.published[0] > 80 * 50
    assert brokers.depth[0] < 1.0
    assert np.isclose(requests_to(cluster, "worker"), requests_to(cluster, "back"), rtol=0.01)
    assert conserved(brokers)


def test_too_few_workers_lag_and_catch_up_when_the_load_falls(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(with_queue(worker={"workers": 1}))
    brokers = cluster.traffic.engine.brokers
    depths = []
    for _ in range(6):
        cluster.run(20)
        depths.append(float(brokers.depth[0]))
    assert failing(cluster, 20) < 0.002
    assert all(later > earlier + 40 for earlier, later in pairwise(depths))
    assert np.isclose(requests_to(cluster, "worker"), 2 * 5 / 0.042, rtol=0.15)
    assert conserved(brokers)
    set_rate(cluster, 10)
    cluster.run(120)
    assert brokers.depth[0] < 1.0
    assert conserved(brokers)


def test_messages_wait_while_nobody_consumes_them(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(with_queue())
    cluster.run(30)
    break_port(cluster, "broker")
    assert failing(cluster, 20) > 0.9
    brokers = cluster.traffic.engine.brokers
    assert requests_to(cluster, "worker") == 0.0
    mend_port(cluster, "broker", "amqp")
    assert failing(cluster, 10) < 0.6
    assert conserved(brokers)


@pytest.mark.parametrize("durable", [True, False])
def test_messages_outlive_their_broker_where_they_are_durable(make_cluster: Callable[..., Any], durable: bool) -> None:
    cluster = make_cluster(with_queue(topic={"durable": durable}, worker={"workers": 1}))
    cluster.run(60)
    brokers = cluster.traffic.engine.brokers
    before = float(brokers.depth[0])
    cluster.restart("broker-0")
    cluster.run(5)
    assert (brokers.depth[0] > 0.8 * before) == durable


def test_a_full_topic_takes_nothing_more(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(with_queue(topic={"limit": 100}, worker={"workers": 1}))
    cluster.run(60)
    assert cluster.traffic.engine.brokers.depth[0] <= 100
    assert failing(cluster, 60) > 0.02


def test_poisoned_messages_go_to_the_dead_letters_or_round_for_ever(make_cluster: Callable[..., Any]) -> None:
    found = []
    for deliveries in (3, 0):
        cluster = make_cluster(with_queue(topic={"deliveries": deliveries}, worker={"poison": 0.2}))
        cluster.run(120)
        brokers = cluster.traffic.engine.brokers
        found.append((float(brokers.dead[0]), requests_to(cluster, "worker") / requests_to(cluster, "back")))
        assert conserved(brokers)
    assert found[0][0] > 100
    assert found[1][0] == 0.0
    assert found[0][1] > 1.1


def test_a_batch_of_messages_is_one_request(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(with_queue(worker={"batch": 10}))
    cluster.run(60)
    assert np.isclose(requests_to(cluster, "worker") * 10, requests_to(cluster, "back"), rtol=0.01)
