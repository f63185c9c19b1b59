"""Alertmanager's payload, read into signals."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from aiops.clients.alertmanager import MAX_TEXT, Notification, signals


def _payload(**labels: str) -> dict[str, Any]:
    alert = {
        "status": "firing",
        "labels": {"alertname": "HighErrors", **labels},
        "annotations": {"summary": "users see errors", "description": "x" * (MAX_TEXT + 1)},
        "startsAt": "2026-01-05T09:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": "abc",
    }
    return {"version": "4", "status": "firing", "receiver": "aiops", "groupKey": "{}", "alerts": [alert], "extra": 1}


def test_an_alert_becomes_a_signal() -> None:
    (signal,) = signals(Notification.model_validate(_payload(namespace="shop", deployment="cart")), 7.0)
    assert signal.id == "abc-1767603600"
    assert signal.title == "HighErrors: users see errors"
    assert str(signal.subject) == "Deployment/shop/cart"
    assert (signal.received_at, signal.resolved, len(signal.text)) == (7.0, False, MAX_TEXT)


@pytest.mark.parametrize(
    ("labels", "subject"),
    [
        ({"node": "n1", "namespace": "monitoring"}, "Node//n1"),
        ({"pod": "p", "service": "s", "namespace": "a"}, "Service/a/s"),
        ({"namespace": "a"}, "None"),
    ],
)
def test_the_most_telling_label_names_the_object(labels: dict[str, str], subject: str) -> None:
    (signal,) = signals(Notification.model_validate(_payload(**labels)), 0.0)
    assert str(signal.subject) == subject


def test_alerts_without_a_fingerprint_get_one_from_their_labels() -> None:
    first, second, other = (_payload(pod="a"), _payload(pod="a"), _payload(pod="b"))
    for payload in (first, second, other):
        del payload["alerts"][0]["fingerprint"]
    prints = [signals(Notification.model_validate(p), 0.0)[0].fingerprint for p in (first, second, other)]
    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"version": "3"}, "version"), ({"alerts": "x"}, "alerts"), ({"alerts": [{"status": "firing"}]}, "labels")],
)
def test_a_wrong_payload_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Notification.model_validate(_payload() | change)
