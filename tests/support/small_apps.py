"""A small application for tests of the data plane: `front` calls `back`, `back` calls a `store`."""

from __future__ import annotations

from typing import Any

from aiops.lab.apps import Application, load_application
from aiops.lab.apps.building import build_application
from aiops.lab.apps.model import Node

FRONT = {"language": "go", "image": "registry.example.com/small/front", "versions": ["1"], "port": 8001}
BACK = {"language": "go", "image": "registry.example.com/small/back", "versions": ["1"], "port": 8002}
STORE = {
    "role": "store",
    "protocol": "redis",
    "language": "redis",
    "image": "registry.example.com/small/store",
    "versions": ["1"],
    "port": 6379,
}
LIMITS = {"cpu_limit": "1", "cpu_request": "500m"}


def small(
    *,
    call: dict[str, Any] | None = None,
    fetch: dict[str, Any] | None = None,
    front: dict[str, Any] | None = None,
    back: dict[str, Any] | None = None,
    store: dict[str, Any] | None = None,
    workloads: dict[str, dict[str, Any]] | None = None,
    programs: dict[str, dict[str, Any]] | None = None,
    **application: Any,
) -> Application:
    """`call` is what front's call of back has, `fetch` back's call of the store; `front`, `back` and `store` are fields
    of the programs (`route` in them: fields of their only route), `workloads` of the workloads by name."""
    host = "small.example.com"
    to_back = {"to": "BACK_ADDR", "route": "GET /x", **(call or {})}
    to_store = {"to": "STORE_ADDR", "route": "get", **(fetch or {})}
    made = {
        "front": _program(FRONT, "GET /x", {"cpu_ms": 1, "calls": [[to_back]]}, front),
        "back": _program(BACK, "GET /x", {"cpu_ms": 5, "calls": [[to_store]]}, back),
        "store": _program(STORE, "get", {"cpu_ms": 0.5}, store),
    }
    placed = {
        "front": {"env": {"BACK_ADDR": "back:8002"}},
        "back": {"env": {"STORE_ADDR": "store:6379"}},
        "store": {"replicas": 1},
    }
    for name in programs or {}:
        placed[name] = {}
    for name, fields in (workloads or {}).items():
        placed[name] = {**placed.get(name, {}), **fields}
    base = {name: {"program": name, "version": "1", "replicas": 2, "resources": LIMITS} for name in placed}
    hotel = load_application("hotel")
    platform = ("ingress-nginx", "coredns")
    return build_application(
        {
            "name": "small",
            "namespace": "hotel",
            "host": host,
            "entry": "front",
            "rate": 50,
            "operations": [{"name": "x", "method": "GET", "path": "/x", "share": 1.0}],
            "tls": {"secret": "tls", "secrets": {"tls": {"hosts": [host], "from_day": -1, "to_day": 89}}},
            "nodes": [Node(name=f"node-{n}", address=f"10.0.0.{n}", cpu=8.0, memory=2.0**35) for n in (1, 2, 3)],
            "alerts": {"groups": []},
            "programs": {
                **{name: hotel.programs[name].model_dump() for name in platform},
                **made,
                **(programs or {}),
            },
            "workloads": {
                **{name: w.model_dump() for name, w in hotel.workloads.items() if w.program in platform},
                **{name: {**base[name], **fields} for name, fields in placed.items()},
            },
            **application,
        },
        "small",
    )


def _program(base: dict[str, Any], route: str, usual: dict[str, Any], given: dict[str, Any] | None) -> dict[str, Any]:
    fields = dict(given or {})
    own = fields.pop("route", {})
    return {**base, "routes": {route: {**usual, **own}}, **fields}
