"""Which alerts people get of trouble at the ingress, and that a quiet cluster gives none."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.lab.kube import ObjectStore
from aiops.lab.world import World


class Watched:
    """A world and the names of the alerts that fired in it, each with one of its labels."""

    def __init__(self) -> None:
        self.world = World("hotel", seed=2)
        self.fired: set[tuple[str, str]] = set()

    def run(self, seconds: float) -> None:
        for _ in self.world.ticks(seconds):
            for notification in self.world.alerts_due():
                self.fired |= {_named(alert["labels"]) for alert in notification.payload["alerts"]}
                self.world.alert_delivered(notification)


def _named(labels: dict[str, str]) -> tuple[str, str]:
    return labels["alertname"], next((labels[key] for key in ("host", "service", "pod") if key in labels), "")


def edit(store: ObjectStore, kind: str, name: str, **spec: Any) -> None:
    found = store.get(kind, "hotel", name)
    store.update({**found, "spec": {**found["spec"], **spec}}, manager="kubectl-edit")


@pytest.fixture
def watched() -> Watched:
    found = Watched()
    found.run(720)
    return found


def test_a_certificate_that_ended_is_told_three_ways(watched: Watched) -> None:
    assert watched.fired == set()
    tls = [{"hosts": ["hotel.example.com"], "secretName": "hotel-tls-2025"}]
    edit(watched.world.cluster, "Ingress", "hotel", tls=tls)
    watched.run(240)
    names = {name for name, _ in watched.fired}
    assert {"CertificateExpired", "ProbeFailing", "IngressTrafficGone"} <= names
    assert ("CertificateExpired", "hotel.example.com") in watched.fired
    assert "UserErrorRatioHigh" not in names


def test_processes_that_get_no_cpu_are_told_of(watched: Watched) -> None:
    deployment = watched.world.cluster.get("Deployment", "hotel", "user")
    template = deployment["spec"]["template"]
    (container,) = template["spec"]["containers"]
    resources = {"limits": {"cpu": "20m", "memory": "256Mi"}, "requests": {"cpu": "20m", "memory": "128Mi"}}
    spec = {**template["spec"], "containers": [{**container, "resources": resources}]}
    edit(watched.world.cluster, "Deployment", "user", template={**template, "spec": spec})
    watched.run(360)
    throttled = {pod for name, pod in watched.fired if name == "CPUThrottlingHigh"}
    assert throttled
    assert all(pod.startswith("user-") for pod in throttled)
    assert "UserErrorRatioHigh" in {name for name, _ in watched.fired}
