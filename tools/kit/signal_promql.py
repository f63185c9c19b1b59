"""One golden signal of one entity, and the calls of one edge, as PromQL that people can paste into Prometheus."""

from __future__ import annotations

import json

from aiops.core.entity import WORKLOAD_KINDS, Entity
from aiops.core.errors import NotPossibleError
from aiops.tools.kit.call_metrics import CLIENTS
from aiops.tools.kit.pod_names import pods_of
from aiops.tools.kit.signal_sources import (
    INGRESS_REQUESTS,
    TRAFFIC,
    UNITS,
    SignalName,
    TrafficSource,
    rate_window,
    traffic_promql,
    workload_promql,
)


def signal_promql(
    entity: Entity, signal: str, step: float, sources: tuple[TrafficSource, ...] = TRAFFIC
) -> tuple[str, str]:
    """(unit, expression) of a golden signal, of which Prometheus gives one series.

    Raises `NotPossibleError` where the entity cannot have it."""
    made = _signals(entity, step, sources)
    for name, promql in made.items():
        if name == signal:
            return UNITS[name], promql
    raise NotPossibleError(f"{entity} has no signal {signal!r}")


def _signals(entity: Entity, step: float, sources: tuple[TrafficSource, ...]) -> dict[SignalName, str]:
    if entity.kind in WORKLOAD_KINDS:
        return workload_promql(entity, step)
    for source in sources:
        if source.kind == entity.kind:
            return traffic_promql(source, source.of_entity(entity), step)
    return {}


def edge_promql(source: Entity, address: str, step: float) -> dict[str, tuple[str, str]]:
    """(unit, expression) by name of the calls of a workload to an address, as the caller measured them."""
    over = rate_window(step)
    if source.kind == "Ingress":
        home, name = json.dumps(source.namespace), json.dumps(source.name)
        named = f"namespace={home},ingress={name},service={json.dumps(address)}"
        calls = f"sum(rate({INGRESS_REQUESTS}{{{named}}}{over}))"
        failed = f'sum(rate({INGRESS_REQUESTS}{{{named},status=~"5.."}}{over}))'
        return {"calls": ("calls/s", calls), "errors": ("ratio", _share(failed, calls))}
    labels = f"{pods_of(source)},server_address={json.dumps(address)}"
    calls = _summed("count", labels, over)
    failed = _summed("count", f'{labels},error_type!=""', over)
    return {
        "calls": ("calls/s", calls),
        "errors": ("ratio", _share(failed, calls)),
        "duration": ("s", f"({_summed('sum', labels, over)}) / ({calls})"),
    }


def _share(failed: str, calls: str) -> str:
    return f"({failed} or vector(0)) / ({calls})"


def _summed(part: str, labels: str, over: str) -> str:
    """The rate of whichever kind of client calls there."""
    return " or ".join(f"sum(rate({metric}_{part}{{{labels}}}{over}))" for _, metric, _ in CLIENTS)
