"""What runs beside an application at fixed times."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.world import World


def runs(world: World) -> list[Manifest]:
    return [pod for pod in world.cluster.objects("Pod", "social") if "link-report" in pod["metadata"]["name"]]


def test_jobs_run_end_and_alarm_nobody() -> None:
    world = World("social", seed=1)
    job = world.cluster.get("CronJob", "social", "link-report")
    world.cluster.update({**job, "spec": {**job["spec"], "schedule": "1 * * * *"}}, manager="kubectl")
    fired: list[str] = []
    for _ in world.ticks(420):
        for notification in world.alerts_due():
            fired += [str(alert["labels"]) for alert in notification.payload["alerts"]]
            world.alert_delivered(notification)
    assert [pod["status"]["phase"] for pod in runs(world)] == ["Succeeded"] * len(runs(world)) != []
    assert fired == []
