"""Puts a drawn application together."""

from __future__ import annotations

from math import ceil
from random import Random
from typing import Any

from aiops.lab.apps.building import complete_application
from aiops.lab.apps.expected import expected
from aiops.lab.apps.generated.naming import Namer
from aiops.lab.apps.generated.services import Drawn, draw_services
from aiops.lab.apps.generated.sizing import sized
from aiops.lab.apps.generated.topology import draw_topology
from aiops.lab.apps.model import Application

FEWEST, MOST = 10, 400
"""How many services an application can have."""

_CORES_PER_SERVICE = (0.12, 0.25)
_MOST_REQUESTS = 2000.0
_SLOWEST = 0.35
"""Seconds that a layer may take at the worst percentile that is promised."""

_CARE: tuple[dict[str, Any], ...] = (
    {},
    {"budget": {"ratio": 0.2}, "backoff": {"base_seconds": 0.05}},
    {"breaker": {"least_requests": 50, "open_seconds": 5}, "budget": {"ratio": 0.1}},
)
"""How careful the clients of an application are: not at all, with retries, with everything."""


def random_application(services: int, seed: int) -> Application:
    """An application of `services` services, from `FEWEST` to `MOST`, the same for a seed each time. It has what it
    needs to be healthy under its load."""
    rng = Random(f"application:{services}:{seed}")
    topology = draw_topology(services, rng)
    names = Namer(rng, taken=("coredns", "ingress-nginx-controller"))
    name = names.plain("applications")
    data_namespace = f"{name}-{names.word('stores')}" if services > 20 and rng.random() < 0.4 else ""
    drawn = draw_services(topology, rng, names, data_namespace)
    entry = next(iter(drawn.services))
    own = {
        "name": name,
        "namespace": name,
        "host": f"{name}.example.com",
        "entry": entry,
        "rate": 1.0,
        "day": {"amplitude": round(rng.uniform(0.05, 0.25), 2), "peak_hour": rng.randint(10, 21)},
        "objective": {"availability": 0.98, "latency_seconds": ceil(topology.depth * _SLOWEST * 2) / 2},
        "operations": _operations(list(drawn.services[entry]["routes"]), rng),
        "defaults": _defaults(name, rng, names),
        **_parts(drawn),
    }
    made = complete_application(own, f"random:{services}:{seed}")
    cores = sum(expected(made).cores.values())
    rate = min(services * rng.uniform(*_CORES_PER_SERVICE) / cores, _MOST_REQUESTS)
    made = made.model_copy(update={"rate": round(rate, 1)})
    return sized(made, expected(made))


def _operations(routes: list[str], rng: Random) -> list[dict[str, Any]]:
    """An operation for each route of the front door; their shares fall by rank."""
    weights = [rng.uniform(0.7, 1.3) / (rank + 1) ** 0.7 for rank in range(len(routes))]
    shares = [round(weight / sum(weights), 4) for weight in weights]
    shares[0] = round(1 - sum(shares[1:]), 4)
    made = []
    for route, share in zip(routes, shares, strict=True):
        method, _, path = route.partition(" ")
        name = f"{method.lower()}-{path.strip('/')}"
        made.append({"name": name, "method": method, "path": path, "share": share})
    return made


def _defaults(name: str, rng: Random, names: Namer) -> dict[str, Any]:
    return {
        "registry": f"registry.example.com/{name}",
        "address": names.word("addresses"),
        "call": rng.choice(_CARE),
    }


def _parts(drawn: Drawn) -> dict[str, Any]:
    return {"services": drawn.services, "stores": drawn.stores}
