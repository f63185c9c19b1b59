"""When notifications are due, and what they say."""

from __future__ import annotations

import pytest

from aiops.lab.prometheus import Notification, Notifier
from aiops.lab.prometheus.notifier import fingerprint
from aiops.lab.tsdb import labels_of
from tests.lab.prometheus.conftest import Bench


class Receiver:
    """Takes notifications as they come due, unless it is down."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.notifier = Notifier(bench.rules)
        self.got: list[tuple[float, Notification]] = []
        self.down = False

    def run(self, seconds: float, **errors: float) -> list[tuple[float, str, list[str]]]:
        """(moment, status, services) of what arrives meanwhile."""
        before = len(self.got)
        for _ in range(round(seconds / 15)):
            self.bench.run(15, **errors)
            now = self.bench.now - 15
            for notification in self.notifier.due(now):
                if not self.down:
                    self.notifier.delivered(notification, now)
                    self.got.append((now, notification))
        return [
            (at, one.payload["status"], [alert["labels"]["service"] for alert in one.payload["alerts"]])
            for at, one in self.got[before:]
        ]


@pytest.fixture
def receiver(bench: Bench) -> Receiver:
    return Receiver(bench)


def test_the_first_notification_waits_for_others_of_its_group(receiver: Receiver) -> None:
    assert receiver.run(15, geo=0.2) == []
    assert receiver.run(90, geo=0.2, rate=0.2) == [(90.0, "firing", ["geo", "rate"])]


def test_later_news_waits_for_the_group_interval(receiver: Receiver) -> None:
    assert receiver.run(120, geo=0.2) == [(90.0, "firing", ["geo"])]
    assert receiver.run(600, geo=0.2, rate=0.2) == [(390.0, "firing", ["geo", "rate"])]


def test_no_news_is_told_again_after_four_hours_only(receiver: Receiver) -> None:
    receiver.run(120, geo=0.2)
    told = receiver.run(5 * 3600, geo=0.2)
    assert [at for at, _, _ in told] == [90.0 + 4 * 3600]


def test_the_end_is_told_once(receiver: Receiver) -> None:
    receiver.run(120, geo=0.2)
    assert receiver.run(3600, geo=0.0) == [(390.0, "resolved", ["geo"])]
    (alert,) = receiver.got[-1][1].payload["alerts"]
    assert (alert["status"], alert["startsAt"], alert["endsAt"]) == (
        "resolved",
        "1970-01-01T00:01:00.000000Z",
        "1970-01-01T00:02:00.000000Z",
    )


def test_a_new_episode_is_told_again(receiver: Receiver) -> None:
    receiver.run(120, geo=0.2)
    receiver.run(600, geo=0.0)
    told = receiver.run(600, geo=0.2)
    assert [(status, services) for _, status, services in told] == [("firing", ["geo"])]


def test_an_alert_that_is_over_before_it_was_told_is_not_told(receiver: Receiver) -> None:
    receiver.run(75, geo=0.2)
    assert receiver.run(900, geo=0.0) == []


def test_what_nobody_takes_stays_due(receiver: Receiver) -> None:
    receiver.down = True
    assert receiver.run(300, geo=0.2) == []
    receiver.down = False
    assert receiver.run(15, geo=0.2) == [(300.0, "firing", ["geo"])]
    assert receiver.run(60, geo=0.2) == []


def test_the_payload_is_version_four(receiver: Receiver) -> None:
    receiver.run(120, geo=0.2, rate=0.3)
    payload = receiver.got[0][1].payload
    assert set(payload) == {
        "receiver",
        "status",
        "alerts",
        "groupLabels",
        "commonLabels",
        "commonAnnotations",
        "externalURL",
        "version",
        "groupKey",
        "truncatedAlerts",
    }
    assert payload["version"] == "4"
    assert payload["groupKey"] == '{}:{alertname="ErrorsHigh", namespace="shop"}'
    assert payload["groupLabels"] == {"alertname": "ErrorsHigh", "namespace": "shop"}
    assert payload["commonLabels"] == {"alertname": "ErrorsHigh", "namespace": "shop", "severity": "critical"}
    assert payload["commonAnnotations"] == {}
    first = payload["alerts"][0]
    assert first["endsAt"] == "0001-01-01T00:00:00Z"
    assert first["annotations"] == {"summary": "geo fails", "description": "ratio 0.2"}
    assert first["generatorURL"].startswith("http://prometheus.monitoring:9090/graph?g0.expr=errors")
    assert len({alert["fingerprint"] for alert in payload["alerts"]}) == 2


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, "cbf29ce484222325"),
        # 64-bit FNV-1a of the bytes "a", ff, "b", ff.
        ({"a": "b"}, "d2b371819297f98a"),
    ],
)
def test_fingerprints(labels: dict[str, str], expected: str) -> None:
    assert fingerprint(labels_of(labels)) == expected
