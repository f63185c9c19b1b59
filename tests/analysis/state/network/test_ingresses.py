"""What an Ingress sends to, from every place of its manifest."""

from __future__ import annotations

from aiops.analysis.state.network.ingresses import ingress_backends, ingress_services


def test_every_backend_is_told_with_its_field_and_every_service_once() -> None:
    web, cart = ({"name": name, "port": {"number": 80}} for name in ("web", "cart"))
    paths = [{"path": "/", "backend": {"service": cart}}, {"path": "/me", "backend": {"service": web}}]
    assets = {"path": "/assets", "backend": {"resource": {"kind": "Bucket", "name": "assets"}}}
    rules = [{"host": "shop.example"}, {"http": {"paths": [*paths, assets]}}]
    ingress = {"spec": {"defaultBackend": {"service": web}, "rules": rules}}
    assert ingress_backends(ingress) == [
        ("spec.defaultBackend", web),
        ("spec.rules[1].http.paths[0].backend", cart),
        ("spec.rules[1].http.paths[1].backend", web),
    ]
    assert ingress_services(ingress) == ["web", "cart"]


def test_one_that_sends_nowhere() -> None:
    assert ingress_services({"spec": {"rules": None, "defaultBackend": None}}) == ingress_services({}) == []
