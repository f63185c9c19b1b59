"""What must hold in every application, at any load, whatever breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.lab.apps import load_application
from tests.support.traffic import failing, set_rate


def check(cluster: Any) -> None:
    traffic, flow = cluster.traffic, cluster.traffic.flow
    engine, graph = traffic.engine, flow.graph
    users, state, needs = traffic.users, engine.resources.state, engine.resources.needs
    assert np.isclose(users.requests, users.answered + users.failed)
    assert users.slow <= users.answered + 1e-6
    for entry in fields(state):
        values = getattr(state, entry.name)
        assert np.isfinite(values).all(), entry.name
        assert (values >= 0).all(), entry.name
    assert (state.utilisation <= 1 + 1e-9).all()
    assert (engine.resources.node_utilisation <= 1 + 1e-9).all()
    assert (state.in_flight <= needs.concurrency + 1e-9).all()
    for shares in (flow.fails, flow.works, flow.call_ok, flow.call_unanswered, flow.statuses, flow.link_statuses):
        assert np.isfinite(shares).all()
        assert ((shares >= 0) & (shares <= 1 + 1e-9)).all()
    for name in ("ok_mean", "accepted_seconds", "fail_mean", "requests"):
        values = getattr(flow, name)
        assert np.isfinite(values).all(), name
        assert (values >= 0).all(), name
    bad_answers = flow.link_error[graph.call_link] * flow.sent_share
    outcomes = flow.call_ok + bad_answers + flow.call_unanswered.sum(axis=0)
    assert np.allclose(outcomes, 1.0, atol=1e-6)
    sent = float((flow.attempts * flow.sent_share * graph.edge_weight.sum(axis=0)[graph.call_link]).sum())
    arrived = sum(float(flow.requests[entry].sum()) for entry in graph.entries)
    consumed = float(flow.requests[engine.brokers.entries].sum())
    assert np.isclose(float(flow.requests.sum()), sent + arrived + consumed)
    brokers, pools, disks, caches = engine.brokers, engine.protections.pools, engine.disks, engine.caches
    assert np.allclose(brokers.published, brokers.consumed + brokers.dead + brokers.depth)
    assert (brokers.depth >= 0).all()
    assert (pools.in_use <= pools.size + 1e-9).all()
    assert (disks.used <= disks.capacity).all()
    assert ((caches.ratio >= 0) & (caches.ratio <= 1 + 1e-9)).all()
    for tallies in (traffic.answers.values, traffic.attempts.values):
        assert np.isfinite(tallies).all()
        assert (np.diff(tallies[:, :, :-1], axis=2) >= -1e-6).all()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    services=st.integers(10, 24),
    seed=st.integers(0, 10_000),
    load=st.sampled_from([0.1, 1.0, 4.0]),
    data=st.data(),
)
def test_nothing_is_lost_and_nothing_exceeds_its_bounds(
    make_cluster: Callable[..., Any], services: int, seed: int, load: float, data: st.DataObject
) -> None:
    application = load_application(f"random:{services}:{seed}")
    cluster = make_cluster(application, seed)
    set_rate(cluster, application.rate * load)
    for _ in range(3):
        cluster.run(10)
        check(cluster)
    running = cluster.traffic.runtime.running()
    victim = data.draw(st.sampled_from(running))
    how = data.draw(st.sampled_from([{"cpu_limit": 0.02}, {"memory_limit": 2.0**24}, {"env": {}}]))
    cluster.restart(victim.pod, victim.namespace, **how)
    for _ in range(4):
        cluster.run(5)
        check(cluster)
    busy = cluster.traffic.flow
    flying = busy.requests * busy.accepted_seconds / 5.0
    seconds = np.bincount(busy.graph.process, weights=flying, minlength=len(busy.graph.processes))
    room = cluster.traffic.resources.needs.concurrency
    state = cluster.traffic.resources.state
    assert np.allclose(state.in_flight, np.minimum(seconds * (1 - state.rejected), room), rtol=0.05, atol=0.05)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1000), data=st.data())
def test_what_breaks_for_a_while_is_well_again(
    make_cluster: Callable[..., Any], seed: int, data: st.DataObject
) -> None:
    cluster = make_cluster(load_application(f"random:12:{seed}"), seed)
    cluster.run(60)
    before = failing(cluster, 30)
    assert before < 0.02
    services = [s for s in cluster.objects("Service") if s["metadata"]["namespace"] not in ("kube-system",)]
    service = data.draw(st.sampled_from(services))
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    cluster.edit("Service", name, lambda s: s["spec"]["ports"][0].update(targetPort=9999), namespace)
    cluster.run(30)
    cluster.put(service)
    cluster.run(120)
    assert failing(cluster, 30) < before + 0.02
