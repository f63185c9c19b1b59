from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.lab.apps import Application
from aiops.lab.apps.building import build_application
from aiops.lab.apps.data import read_data
from aiops.lab.traffic.callgraph.graph import UNANSWERED
from aiops.lab.traffic.demand.arrivals import generator, rate_at


def failing(cluster: Any, route: str = "GET /hotels") -> float:
    """Share of the users' requests of one kind that fail."""
    flow = cluster.traffic.flow
    rows = [i for i, h in enumerate(flow.graph.handlers) if h.ingress and h.route == route]
    return float((flow.requests[rows] * flow.fails[rows]).sum() / max(flow.requests[rows].sum(), 1e-9))


def outcome(cluster: Any, pod: str, host: str) -> str:
    """Why the calls of a pod to a host fail, most of all."""
    flow = cluster.traffic.flow
    for number, call in enumerate(flow.graph.calls):
        if flow.graph.processes[call.process].pod == pod and call.host == host:
            shares = dict(zip(UNANSWERED, flow.call_unanswered[:, number], strict=True))
            shares["error"] = 1.0 - flow.call_ok[number] - sum(shares.values())
            return max(shares, key=lambda name: shares[name])
    raise AssertionError(f"{pod} does not call {host}")


def logs(cluster: Any, pod: str) -> str:
    lines = cluster.traffic.runtime.logs(cluster.container(pod), cluster.now - 60, None)
    return "\n".join(line for _, line in lines)


@pytest.fixture
def cluster(plain_cluster: Any) -> Any:
    plain_cluster.run(240)
    return plain_cluster


def test_nothing_is_wrong_when_nothing_is_wrong(cluster: Any) -> None:
    for operation in cluster.application.operations:
        assert failing(cluster, operation.route) < 0.01, "a few errors at once are an accident"
    state = cluster.traffic.resources.state
    assert state.utilisation.max() < 0.6
    assert state.rejected.max() == 0.0


def test_memory_warms_up_and_stays(cluster: Any) -> None:
    resources = cluster.traffic.resources
    served = [i for i, p in enumerate(resources.processes) if p.program.role == "service"]
    share = resources.state.working_set / resources.needs.memory_limit
    assert ((share[served] > 0.6) & (share[served] < 0.75)).all()


def test_a_wrong_target_port_is_refused(cluster: Any) -> None:
    cluster.edit("Service", "geo", lambda s: s["spec"]["ports"][0].update(targetPort=9999))
    cluster.run(30)
    assert failing(cluster) > 0.99
    assert failing(cluster, "POST /login") < 0.01
    assert outcome(cluster, "search-0", "geo") == "refused"
    assert "connect: connection refused" in logs(cluster, "search-0")


def test_a_policy_drops_packets_and_costs_the_timeout(cluster: Any) -> None:
    cluster.put(
        {
            "kind": "NetworkPolicy",
            "metadata": {"name": "geo", "namespace": "hotel"},
            "spec": {
                "podSelector": {"matchLabels": {"app": "geo"}},
                "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "frontend"}}}]}],
            },
        }
    )
    cluster.run(30)
    assert failing(cluster) > 0.99
    assert outcome(cluster, "search-0", "geo") == "dropped"
    assert "i/o timeout" in logs(cluster, "search-0")
    flow = cluster.traffic.flow
    search = next(i for i, h in enumerate(flow.graph.handlers) if h.path == "/nearby" and h.method == "POST")
    assert flow.fail_mean[search] > 1.9  # two attempts of a second


def test_a_wrong_host_is_not_found(cluster: Any) -> None:
    for pod in ("search-0", "search-1"):
        cluster.restart(pod, env={"GEO_ADDR": "geoo:8083"})
    cluster.run(30)
    assert failing(cluster) > 0.99
    assert "lookup geoo on 10.96.0.10:53: no such host" in logs(cluster, "search-1")


def test_a_wrong_password_is_denied(cluster: Any) -> None:
    for pod in ("geo-0", "geo-1"):
        cluster.restart(pod, env={"MONGO_PASSWORD": "wrong"})
    cluster.run(30)
    assert outcome(cluster, "geo-0", "mongodb-geo") == "denied"
    assert "Authentication failed" in logs(cluster, "geo-0")


def test_a_service_of_the_wrong_program_answers_404(cluster: Any) -> None:
    cluster.edit("Service", "geo", lambda s: s["spec"].update(selector={"app": "rate"}))
    cluster.edit("Service", "geo", lambda s: s["spec"]["ports"][0].update(targetPort=8084))
    cluster.run(30)
    assert outcome(cluster, "search-0", "geo") == "error"
    assert "unexpected status 404" in logs(cluster, "search-0")


def test_without_dns_no_name_is_found(cluster: Any) -> None:
    cluster.edit("Service", "kube-dns", lambda s: s["spec"].update(selector={"app": "gone"}), "kube-system")
    cluster.run(30)
    assert failing(cluster) > 0.99
    assert outcome(cluster, "search-0", "geo") == "unresolved"


def test_the_loss_of_every_part_is_felt_by_users(cluster: Any) -> None:
    names = [name for name, workload in cluster.application.workloads.items() if not workload.namespace]
    for name in names:
        service = cluster.find("Service", "hotel", name)
        cluster.edit("Service", name, lambda s: s["spec"]["ports"][0].update(targetPort=9999))
        cluster.run(10)
        before = cluster.traffic.users.requests, cluster.traffic.users.failed
        cluster.run(15)
        requests = cluster.traffic.users.requests - before[0]
        assert (cluster.traffic.users.failed - before[1]) / requests > 0.04, name
        cluster.put(service)
        cluster.run(10)
    assert failing(cluster) < 0.01


def test_half_of_the_endpoints_broken_is_felt_in_part(cluster: Any) -> None:
    cluster.restart("search-0", env={"GEO_ADDR": "geoo:8083"})
    cluster.run(30)
    assert 0.35 < failing(cluster) < 0.65


def test_a_limit_below_the_need_ends_in_oom_kills(cluster: Any) -> None:
    warm = cluster.traffic.resources.state.working_set.max()
    assert warm > 0
    for pod in ("geo-0", "geo-1"):
        cluster.restart(pod, memory_limit=90 * 2**20)
    seen = set()
    for _ in range(30):
        cluster.run(5)
        seen.add(cluster.traffic.runtime.oom_kills[("hotel", "geo-0", "geo")])
    assert seen >= {0, 1}


def test_an_oom_kill_is_exit_137(plain_cluster: Any) -> None:
    plain_cluster.run(30)
    plain_cluster.restart("geo-0", memory_limit=10 * 2**20)
    plain_cluster.now += 5
    plain_cluster.traffic.step(plain_cluster.now, 5.0)
    status = plain_cluster.traffic.runtime.status(plain_cluster.container("geo-0"))
    assert (status.running, status.exit_code, status.reason) == (False, 137, "OOMKilled")


def test_a_cpu_limit_below_the_need_throttles_and_times_out(cluster: Any) -> None:
    for pod in ("geo-0", "geo-1"):
        cluster.restart(pod, cpu_limit=0.08)
    failures = []
    for _ in range(12):
        cluster.run(5)
        failures.append(failing(cluster))
    resources = cluster.traffic.resources
    rows = [i for i, p in enumerate(resources.processes) if p.name == "geo"]
    assert resources.state.utilisation[rows].max() > 0.99
    assert (resources.state.throttled[rows] > 0.3 * resources.state.periods[rows]).any()
    assert max(failures) > 0.5
    assert np.mean(failures) > 0.2


def test_the_effect_fades_when_the_cause_is_gone(cluster: Any) -> None:
    cluster.edit("Service", "geo", lambda s: s["spec"]["ports"][0].update(targetPort=9999))
    cluster.run(60)
    cluster.edit("Service", "geo", lambda s: s["spec"]["ports"][0].update(targetPort="http"))
    cluster.run(30)
    assert failing(cluster) < 0.01


def test_users_without_a_gateway_are_not_served(cluster: Any) -> None:
    runtime = cluster.traffic.runtime
    for process in runtime.running():
        runtime.stop(process.container.id)
    before = cluster.traffic.users.failed
    cluster.now += 5
    cluster.traffic.step(cluster.now, 5.0)
    users = cluster.traffic.users
    assert users.failed > before
    assert np.isclose(users.requests, users.answered + users.failed)


def test_without_an_ingress_users_get_404(cluster: Any) -> None:
    cluster.edit("Ingress", "hotel", lambda i: i["spec"].update(rules=[]))
    cluster.run(10)
    flow = cluster.traffic.flow
    gateway = next(i for i, h in enumerate(flow.graph.handlers) if h.route == "GET /hotels" and not h.ingress)
    assert flow.fails[gateway] > 0


def test_logs_are_bounded(cluster: Any) -> None:
    cluster.edit("Service", "geo", lambda s: s["spec"]["ports"][0].update(targetPort=9999))
    cluster.run(10)
    for process in cluster.traffic.runtime.running():
        lines = cluster.traffic.runtime.logs(process.container.id, cluster.now - 5, None)
        assert len(lines) <= 400


def test_the_rate_has_the_shape_of_a_day(hotel: Application) -> None:
    rates = [rate_at(hotel, 86400.0 * 20000 + hour * 3600) for hour in range(24)]
    assert max(rates) / min(rates) > 1.2
    assert all(0.7 * hotel.rate < rate < 1.3 * hotel.rate for rate in rates)


def test_random_numbers_do_not_depend_on_what_was_drawn_before() -> None:
    first = generator(7, 1000.0).random(3)
    generator(7, 995.0).random(50)
    assert (generator(7, 1000.0).random(3) == first).all()
    assert (generator(8, 1000.0).random(3) != first).all()
    assert (generator(7, 1000.0, 1).random(3) != first).all()


# ---- random applications


@st.composite
def applications(draw: st.DrawFn) -> Application:
    """A gateway, two to four services that call later ones, a store, with random costs, limits and timeouts."""
    count = draw(st.integers(2, 4))
    programs: dict[str, Any] = {}
    workloads: dict[str, Any] = {}
    for index in range(count):
        targets = draw(st.lists(st.integers(index + 1, count), max_size=2, unique=True))
        calls = [
            {
                "to": f"TO_{target}",
                "route": "get" if target == count else "GET /x",
                "timeout": draw(st.sampled_from([0.05, 0.5, 2.0])),
                "retries": draw(st.integers(0, 3)),
                "probability": draw(st.sampled_from([0.1, 0.7, 1.0])),
                "optional": draw(st.booleans()),
            }
            for target in targets
        ]
        stages = [calls] if draw(st.booleans()) and calls else [[call] for call in calls]
        programs[f"s{index}"] = {
            "language": draw(st.sampled_from(["go", "java", "python", "nodejs"])),
            "image": f"registry.example.com/random/s{index}",
            "versions": ["1"],
            "port": 8000 + index,
            "concurrency": draw(st.sampled_from([2, 20, 200])),
            "routes": {"GET /x": {"cpu_ms": draw(st.sampled_from([0.5, 5.0, 50.0])), "calls": stages}},
        }
        addresses = {f"TO_{t}": ("store:11211" if t == count else f"s{t}:{8000 + t}") for t in targets}
        limit = draw(st.sampled_from(["50m", "500m", "2"]))
        workloads[f"s{index}"] = {
            "program": f"s{index}",
            "version": "1",
            "replicas": draw(st.integers(1, 3)),
            "env": addresses,
            "resources": {"cpu_limit": limit, "memory_limit": draw(st.sampled_from(["4Mi", "256Mi"]))},
        }
    platform = read_data("platform")
    return build_application(
        {
            "name": "random",
            "tls": {"secret": "tls", "secrets": {"tls": _certificate("random.example.com")}},
            "namespace": "hotel",
            "host": "random.example.com",
            "entry": "s0",
            "rate": draw(st.sampled_from([0.5, 20.0, 400.0])),
            "operations": [{"name": "x", "method": "GET", "path": "/x", "share": 1.0}],
            "programs": {**platform["programs"], **programs},
            "workloads": {
                **platform["workloads"],
                **workloads,
                "store": {"program": "memcached", "version": "1.6.31", "replicas": 1},
            },
            "nodes": platform["nodes"],
            "alerts": {"groups": []},
        },
        "random",
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(application=applications(), seed=st.integers(0, 2**32))
def test_flows_are_conserved_and_bounded(make_cluster: Callable[..., Any], application: Application, seed: int) -> None:
    cluster = make_cluster(application, seed)
    for _ in range(12):
        cluster.run(5)
        flow, state = cluster.traffic.flow, cluster.traffic.resources.state
        users = cluster.traffic.users
        assert np.isclose(users.requests, users.answered + users.failed)
        for name in type(state).__slots__:
            values = getattr(state, name)
            assert np.isfinite(values).all(), name
            assert (values >= 0).all(), name
        assert (state.utilisation <= 1 + 1e-9).all()
        assert (state.in_flight <= cluster.traffic.resources.needs.concurrency).all()
        for values in (flow.fails, flow.call_ok, flow.call_unanswered, flow.statuses):
            assert np.isfinite(values).all()
            assert ((values >= 0) & (values <= 1 + 1e-9)).all()
        assert (flow.requests >= 0).all()
        connected = flow.graph.edge_weight.sum(axis=0)[flow.graph.call_link]
        sent = float((flow.attempts * flow.sent_share * connected).sum())
        arrived = sum(float(flow.requests[entry].sum()) for entry in flow.graph.entries)
        assert np.isclose(float(flow.requests.sum()), sent + arrived)
        answers = cluster.traffic.answers.values
        assert (np.diff(answers[:, :, :-1], axis=2) >= -1e-6).all()


def test_a_circle_of_calls_ends(make_cluster: Callable[..., Any]) -> None:
    platform = read_data("platform")
    route = {"GET /x": {"cpu_ms": 1, "calls": [[{"to": "OTHER", "route": "GET /x"}]]}}
    programs = {
        name: {
            "language": "go",
            "image": f"registry.example.com/c/{name}",
            "versions": ["1"],
            "port": 80,
            "routes": route,
        }
        for name in ("a", "b")
    }
    workloads = {
        name: {"program": name, "version": "1", "env": {"OTHER": f"{other}:80"}}
        for name, other in (("a", "b"), ("b", "a"))
    }
    application = build_application(
        {
            "name": "circle",
            "tls": {"secret": "tls", "secrets": {"tls": _certificate("circle.example.com")}},
            "namespace": "hotel",
            "host": "circle.example.com",
            "entry": "a",
            "rate": 10,
            "operations": [{"name": "x", "method": "GET", "path": "/x", "share": 1.0}],
            "programs": {**platform["programs"], **programs},
            "workloads": {**platform["workloads"], **workloads},
            "nodes": platform["nodes"],
            "alerts": {"groups": []},
        },
        "circle",
    )
    cluster = make_cluster(application)
    cluster.run(60)
    assert failing(cluster, "GET /x") > 0.99


_DIGEST = """
import hashlib, importlib.util, sys
spec = importlib.util.spec_from_file_location("plain", sys.argv[1])
plain = importlib.util.module_from_spec(spec)
spec.loader.exec_module(plain)
from aiops.lab.apps import load_application
from aiops.lab.jaeger.views import trace_json
cluster = plain.PlainCluster(load_application("hotel"), int(sys.argv[2]))
cluster.run(90)
cluster.restart("geo-0", memory_limit=90 * 2**20)
cluster.edit("Service", "rate", lambda s: s["spec"]["ports"][0].update(targetPort=9999))
cluster.run(120)
seen = hashlib.sha256()
for series in cluster.store.select([], 0, 1e12):
    seen.update(repr(sorted(series.labels.items())).encode() + series.times.tobytes() + series.values.tobytes())
runtime = cluster.traffic.runtime
for process in runtime.running():
    seen.update(repr(runtime.logs(process.container.id, None, None)).encode())
for trace in cluster.traffic.traces.newest(1e12):
    seen.update(repr(trace_json(trace)).encode())
sys.stdout.write(seen.hexdigest())
"""


def _digest(seed: int, hash_seed: str, conftest: str) -> str:
    command = [sys.executable, "-c", _DIGEST, conftest, str(seed)]
    environment = {"PYTHONHASHSEED": hash_seed, "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def test_a_seed_gives_the_same_telemetry_in_every_process(request: pytest.FixtureRequest) -> None:
    conftest = str(request.config.rootpath / "tests" / "lab" / "conftest.py")
    first = _digest(5, "1", conftest)
    assert len(first) == 64
    assert _digest(5, "2", conftest) == first
    assert _digest(6, "1", conftest) != first


def _certificate(host: str) -> dict[str, Any]:
    return {"hosts": [host], "from_day": -1, "to_day": 89}
