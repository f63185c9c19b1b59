"""Random disturbances of the hotel: what each kind of them may be."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from aiops.core.disturbance import Disturbance, disturbance_of

APPS = ("frontend", "search", "geo", "rate", "mongodb-geo", "memcached-rate", "nobody")
NODES = ("node-1", "node-2", "node-3", "node-9")
percents = st.floats(0.5, 100).map(lambda value: round(value, 2))


def _pods() -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(APPS).map(lambda app: {"namespace": "hotel", "labels": {"app": app}})


def _nodes() -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(NODES).map(lambda name: {"names": [name]})


def _kind(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


behaviours = st.one_of(
    _kind("wrong_answers", percent=percents),
    _kind("operation_errors", percent=percents, status=st.sampled_from((404, 423, 500, 503, 507))),
    _kind("operation_cost", cpu_factor=st.floats(0.1, 50), wait_seconds=st.floats(0, 30)),
    _kind("hang"),
    _kind("memory_leak", bytes_per_request=st.floats(0, 1e6), bytes_per_second=st.floats(0, 1e7)),
    _kind("memory_held", bytes=st.floats(1, 1e9)),
    _kind("cpu_burnt", cores=st.floats(0.01, 8)),
    _kind("garbage", bytes_per_request=st.floats(1, 1e7), pause_factor=st.floats(0.5, 20)),
    _kind("lock_held", hold_seconds=st.floats(0.001, 2), rows=st.integers(1, 50)),
    _kind("file_leak", per_second=st.floats(0.1, 200)),
    _kind("crash", after_seconds=st.floats(0, 60), exit_code=st.integers(1, 255)),
    _kind("missing_index"),
    _kind("refused_user"),
    _kind("plaintext_refused", clients=st.sampled_from(({}, {"TLS": "on"}))),
)
packets = {"pods": _pods(), "peers": st.none() | _pods(), "direction": st.sampled_from(("to", "from", "both"))}
disturbances: st.SearchStrategy[Disturbance] = st.one_of(
    _kind("network.delay", seconds=st.floats(0.001, 20), jitter_seconds=st.floats(0, 2), **packets),
    _kind("network.loss", percent=percents, **packets),
    _kind("network.bandwidth", bytes_per_second=st.floats(1_000, 1e8), **packets),
    _kind("network.partition", **packets),
    _kind("dns.failure", pods=_pods(), names=st.just(["geo.hotel", "rate.hotel"]), percent=percents),
    _kind("dns.answer", pods=_pods(), names=st.just(["geo.hotel"]), address=st.sampled_from(("10.9.9.9", "10.0.0.1"))),
    _kind("http.delay", pods=_pods(), seconds=st.floats(0.01, 60), percent=percents),
    _kind("io.errors", pods=_pods(), percent=percents, no_space=st.booleans()),
    _kind("disk.fill", pods=_pods(), bytes=st.floats(1, 1e12)),
    _kind("container.kill", pods=_pods()),
    _kind(
        "misbehaviour",
        pods=_pods(),
        behaviours=st.lists(behaviours, min_size=1, max_size=3),
        until_restart=st.booleans(),
    ),
    _kind("node.kubelet_stopped", nodes=_nodes()),
    _kind("node.power_off", nodes=_nodes()),
    _kind("node.cpu", nodes=_nodes(), cores=st.floats(0.1, 64)),
    _kind("node.memory", nodes=_nodes(), bytes=st.floats(1, 64e9)),
    _kind("node.steal", nodes=_nodes(), percent=st.floats(1, 99)),
    _kind("node.connections", nodes=_nodes(), entries=st.floats(1, 1e7)),
    _kind("node.clock", nodes=_nodes(), seconds=st.floats(-1e5, 1e5)),
    _kind("load.increase", factor=st.floats(0.01, 30), rise_seconds=st.floats(0, 60)),
    _kind("load.in_step", factor=st.floats(1.1, 30), seconds=st.floats(1, 30), period_seconds=st.floats(1, 60)),
    _kind("load.slow_clients", percent=percents, seconds=st.floats(1, 600)),
    _kind("api_server.overload", percent=percents),
).map(disturbance_of)
