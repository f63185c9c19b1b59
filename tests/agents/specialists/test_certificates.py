"""Expired certificates, from whichever exporter tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx2
import pytest

from aiops.agents.registry import Observation
from aiops.agents.specialists.certificates import SERVED, STORED, certificates
from aiops.agents.toolbox import Toolbox
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.clock import VirtualClock
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context
from tests.support.investigation import ONSET, make_scope

CERT_MANAGER = "certmanager_certificate_expiration_timestamp_seconds"
NGINX = "nginx_ingress_controller_ssl_expire_time_seconds"
PROBE = "probe_ssl_earliest_cert_expiry"
X509 = "x509_cert_not_after"

INGRESS = {
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"tls": [{"hosts": ["b.example"], "secretName": "b"}, {"hosts": ["a.example"], "secretName": "a"}]},
}
HERE = {"namespace": "shop"}


async def look(
    *series: dict[str, str], namespaces: tuple[str, ...] = ("shop",), gone: Sequence[dict[str, str]] = ()
) -> list[Observation]:
    def serve(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("query_range"):
            asked = gone if " unless " in f"{request.url.params.get('query')}" else series
            result = [{"metric": labels, "values": [[ONSET + 300, str(ONSET - 60)]]} for labels in asked]
            return httpx2.Response(200, json={"status": "success", "data": {"resultType": "matrix", "result": result}})
        return httpx2.Response(200, json={"items": [INGRESS]})

    wire = httpx2.MockTransport(serve)
    metrics = PrometheusClient.at("http://prom", transport=wire, retry=Retry(1, 0.0))
    kube = KubernetesClient.at("http://cluster", transport=wire)
    ctx = Context(kube=kube, clock=VirtualClock(ONSET), metrics=metrics)
    tools = Toolbox(ctx, ("metric_query", "list_objects"))
    found = await certificates(make_scope(namespaces=namespaces), tools)
    assert tools.missing == []
    return found


@pytest.mark.parametrize(
    "labels",
    [
        {"__name__": NGINX, "host": "a.example", "secret_name": "a", **HERE},
        {"__name__": X509, "secret_name": "a", "secret_namespace": "shop", "namespace": "monitoring"},
        {"__name__": PROBE, "instance": "https://a.example/cart"},
    ],
)
async def test_what_an_ingress_serves_is_its_fault(labels: dict[str, str]) -> None:
    (found,) = await look(labels)
    (blamed,) = found.suggests
    assert str(blamed.subject) == "Ingress/shop/web"
    assert (blamed.field, blamed.strength) == ("spec.tls[1].secretName", SERVED)


async def test_one_certificate_that_several_exporters_tell_of_is_told_once() -> None:
    nginx = {"__name__": NGINX, "host": "a.example", "secret_name": "a", **HERE}
    probe = {"__name__": PROBE, "instance": "https://a.example/"}
    (found,) = await look(nginx, {**nginx, "pod": "other"}, probe)
    assert "a.example" in found.summary


async def test_a_certificate_that_nothing_serves_is_told_with_doubt() -> None:
    (found,) = await look({"__name__": CERT_MANAGER, "name": "internal", "exported_namespace": "shop"})
    assert str(found.subject) == "Certificate/shop/internal"
    assert found.suggests[0].strength == STORED


@pytest.mark.parametrize(
    "labels", [{"__name__": CERT_MANAGER, "name": "x", "namespace": "other"}, {"__name__": PROBE, "instance": "c:443"}]
)
async def test_certificates_of_others_are_theirs(labels: dict[str, Any]) -> None:
    assert await look(labels) == []
    (found,) = await look(labels, namespaces=())
    assert str(found.subject).startswith("Certificate/")


async def test_that_none_has_expired_is_no_gap() -> None:
    assert await look() == []


async def test_a_certificate_that_its_gateway_no_longer_serves_is_not_for_the_host() -> None:
    (found,) = await look(gone=[{"host": "a.example", "secret_name": "a", **HERE}])
    (blamed,) = found.suggests
    assert (str(blamed.subject), blamed.mechanism) == ("Secret/shop/a", Mechanism.TLS_CERTIFICATE_NAME)
    assert str(found.subject) == "Ingress/shop/web"


async def test_a_certificate_that_no_ingress_names_any_more_may_go() -> None:
    assert await look(gone=[{"host": "old.example", "secret_name": "old", **HERE}]) == []
