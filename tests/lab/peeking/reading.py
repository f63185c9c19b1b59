"""Reads all that an account can read of a cluster's APIs, and what they say when they are asked wrongly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2

Texts = AsyncIterator[tuple[str, str]]
"""(what was asked, what was answered, headers included)."""

_PAGES = (
    *("/", "/api", "/apis", "/version", "/healthz", "/livez?verbose", "/readyz?verbose", "/metrics", "/metrics/slis"),
    *("/logs", "/logs/", "/debug", "/debug/pprof/", "/debug/pprof/cmdline", "/debug/flags/v", "/configz", "/statusz"),
    *("/flagz", "/openapi/v2", "/openapi/v3", "/swagger-ui/", "/.well-known/openid-configuration", "/openid/v1/jwks"),
    *("/proxy", "/exec", "/clock", "/disturbances", "/alerts/receiver", "/docs", "/openapi.json", "/nowhere"),
)
_SUBRESOURCES = ("status", "scale", "log", "log?previous=true", "exec?command=ps", "portforward", "proxy/", "attach")
_NODE_PATHS = ("metrics", "metrics/cadvisor", "stats/summary", "pods", "configz", "logs/", "debug/pprof/", "run/x")


async def answers(api: httpx2.AsyncClient, path: str, method: str = "GET", **options: Any) -> tuple[str, str]:
    """One answer as text."""
    reply = await api.request(method, path, **options)
    return f"{method} {path}", f"{dict(reply.headers)}\n{reply.text}"


async def kubernetes(api: httpx2.AsyncClient) -> Texts:
    """Every page, every object of every kind as JSON and as a table, their subresources, and refusals."""
    for path in _PAGES:
        yield await answers(api, path)
    for path in list((await api.get("/openapi/v3")).json()["paths"]):
        yield await answers(api, f"/openapi/v3/{path}")
    for base in await _group_versions(api):
        yield await answers(api, base)
        for resource in (await api.get(base)).json()["resources"]:
            if "/" not in resource["name"]:
                async for each in _resource(api, base, resource):
                    yield each


async def _group_versions(api: httpx2.AsyncClient) -> list[str]:
    groups = (await api.get("/apis")).json()["groups"]
    return ["/api/v1", *(f"/apis/{version['groupVersion']}" for group in groups for version in group["versions"])]


async def _resource(api: httpx2.AsyncClient, base: str, resource: dict[str, Any]) -> Texts:
    path = f"{base}/{resource['name']}"
    yield await answers(api, path)
    yield await answers(api, path, headers={"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"})
    for wrong in ("labelSelector=((", "fieldSelector=spec.x=1", "limit=x", "resourceVersion=x", "continue=x"):
        yield await answers(api, f"{path}?{wrong}")
    if resource["name"] == "events":
        yield await answers(api, f"{path}?watch=true&timeoutSeconds=1&resourceVersion=0")
    yield await answers(api, path, "POST", content=b"{")
    yield await answers(api, path, "POST", json={"kind": "Odd", "metadata": {"name": 1}})
    yield await answers(api, path, "DELETE")
    listed = await api.get(path)
    items = listed.json().get("items") or [] if listed.status_code == 200 else []
    for item in [*items[:2], *items[-1:]]:
        space = item["metadata"].get("namespace")
        own = f"{base}/namespaces/{space}/{resource['name']}" if space else path
        place = f"{own}/{item['metadata']['name']}"
        yield await answers(api, place)
        for subresource in _SUBRESOURCES:
            yield await answers(api, f"{place}/{subresource}")
        for below in _NODE_PATHS if resource["kind"] == "Node" else ():
            yield await answers(api, f"{place}/proxy/{below}")
        yield await answers(api, place, "PATCH", json={"spec": 1}, headers={"content-type": "application/odd"})


async def prometheus(api: httpx2.AsyncClient) -> Texts:
    """Names, labels and values of all series, rules, targets, statuses, and refusals."""
    base = "/api/v1"
    status = [f"{base}/status/{name}" for name in ("config", "flags", "runtimeinfo", "buildinfo", "tsdb", "walreplay")]
    listed = [f"{base}/{name}" for name in ("rules", "alerts", "targets", "metadata", "targets/metadata", "labels")]
    pages = ("/", "/metrics", "/graph", "/-/healthy", "/-/ready", "/config", "/debug/pprof/", *_PAGES[-6:])
    for path in (*pages, *status, *listed, f"{base}/alertmanagers", f"{base}/admin/tsdb/snapshot", f"{base}/nowhere"):
        yield await answers(api, path)
    for label in (await api.get(f"{base}/labels")).json()["data"]:
        yield await answers(api, f"{base}/label/{label}/values")
    for query in ('{__name__=~".+"}', "up[5m]", "sum(", "no_such(1)", "1 / 'x'", 'rate({__name__=~".+"}[1m])'):
        yield await answers(api, f"{base}/query", params={"query": query})
    yield await answers(api, f"{base}/query_range?query=up&start=x&end=1&step=0")
    yield await answers(api, f"{base}/series", params={"match[]": '{__name__=~".+"}'})


async def loki(api: httpx2.AsyncClient, now: float) -> Texts:
    """Labels, and lines from all containers: the newest, those of an hour, those with errors; and refusals."""
    base = "/loki/api/v1"
    for path in ("/ready", "/metrics", "/config", "/services", *_PAGES[-6:], f"{base}/labels", f"{base}/rules"):
        yield await answers(api, path)
    for label in (await api.get(f"{base}/labels")).json()["data"]:
        yield await answers(api, f"{base}/label/{label}/values")
    for query in ('{namespace=~".+"}', '{namespace=~".+"} |~ "(?i)error|fail|panic|exception"', "{", "rate(x"):
        for start in (now - 3600, now - 120):
            asked = {"query": query, "start": start, "end": now, "limit": 5000, "direction": "forward"}
            yield await answers(api, f"{base}/query_range", params=asked)
    yield await answers(api, f"{base}/series", params={"match[]": '{namespace=~".+"}'})
    for path in ("detected_labels", "detected_fields", "detected_field/msg/values", "format_query"):
        yield await answers(api, f"{base}/{path}", params={"query": '{namespace=~".+"}'})


async def jaeger(api: httpx2.AsyncClient) -> Texts:
    """Services, operations, and traces with all their tags; and refusals."""
    for path in ("/", "/metrics", "/search", *_PAGES[-6:], "/api/services", "/api/dependencies", "/api/traces/0"):
        yield await answers(api, path)
    for service in (await api.get("/api/services")).json()["data"]:
        yield await answers(api, f"/api/services/{service}/operations")
        yield await answers(api, f"/api/traces?service={service}&limit=200&lookback=1h")
    yield await answers(api, "/api/traces?service=&limit=x")
    yield await answers(api, "/api/v3/services")
