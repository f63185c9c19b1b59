"""What the exporters of certificates tell."""

from __future__ import annotations

import pytest

from aiops.tools.kit.certificate_expiry import METRICS, certificate_of

CERT_MANAGER, NGINX, PROBE, X509 = METRICS


@pytest.mark.parametrize(
    ("labels", "subject", "host"),
    [
        ({"__name__": CERT_MANAGER, "name": "web", "exported_namespace": "shop", "namespace": "cm"}, "shop/web", ""),
        ({"__name__": NGINX, "secret_name": "tls", "host": "a.example", "namespace": "shop"}, "shop/tls", "a.example"),
        ({"__name__": X509, "secret_name": "tls", "secret_namespace": "shop", "namespace": "mon"}, "shop/tls", ""),
        ({"__name__": X509, "subject_CN": "kubelet", "instance": "10.0.0.1:9793"}, "/kubelet", ""),
    ],
)
def test_each_exporter_is_understood(labels: dict[str, str], subject: str, host: str) -> None:
    found = certificate_of(labels, 1.0)
    assert str(found.subject) == f"{'Secret' if 'secret_name' in labels else 'Certificate'}/{subject}"
    assert (found.host, found.end) == (host, 1.0)


@pytest.mark.parametrize("instance", ["https://a.example/shop", "a.example:443", "a.example", "https://a.example:8443"])
def test_a_probe_tells_the_host(instance: str) -> None:
    assert certificate_of({"__name__": PROBE, "instance": instance}, 1.0).host == "a.example"


@pytest.mark.parametrize("instance", ["http://[", "[", "", "//"])
def test_an_odd_address_is_kept_as_it_is(instance: str) -> None:
    assert certificate_of({"__name__": PROBE, "instance": instance}, 1.0).host == instance
