"""CronJobs: times, time zones, what happens to runs that overlap, are late or old."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.control.workloads.cron_times import next_time
from aiops.lab.kube.kinds.checks.schedules import parse_schedule
from aiops.lab.kube.objects import annotations_of
from aiops.lab.ports import ProcessStatus

DONE = ProcessStatus(running=False, exit_code=0, reason="Completed")
FAILED = ProcessStatus(running=False, exit_code=1, reason="Error")
MINUTE = 12
"""Ticks."""


def _cron(lab: Any, schedule: str = "* * * * *", **spec: Any) -> Manifest:
    pod = {"restartPolicy": "Never", "containers": [{"name": "app", "image": "app:1"}]}
    job = {"backoffLimit": 0, "template": {"metadata": {}, "spec": pod}}
    whole = {
        "schedule": schedule,
        "jobTemplate": {"metadata": {"labels": {"of": "cron"}}, "spec": job},
        "concurrencyPolicy": "Allow",
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
        **spec,
    }
    made: Manifest = lab.create("batch/v1", "CronJob", "tick", spec=whole)
    return made


def _jobs(lab: Any) -> list[str]:
    return [job["metadata"]["name"] for job in lab.store.objects("Job", "default")]


def test_a_job_each_minute_and_a_short_history(lab: Any) -> None:
    lab.processes.exits["app:1"] = DONE
    _cron(lab)
    lab.ticks(6 * MINUTE)
    assert len(_jobs(lab)) == 3
    job = lab.store.objects("Job", "default")[-1]
    minute = int(job["metadata"]["name"].removeprefix("tick-"))
    scheduled = datetime.fromtimestamp(minute * 60, UTC).isoformat().replace("+00:00", "Z")
    assert annotations_of(job)["batch.kubernetes.io/cronjob-scheduled-timestamp"] == scheduled
    assert job["metadata"]["labels"]["of"] == "cron"
    status = lab.status("CronJob", "tick")
    assert status["lastScheduleTime"] == scheduled
    assert status["lastSuccessfulTime"] >= scheduled
    messages = [message for reason, message, _ in lab.events("tick") if reason == "SawCompletedJob"]
    assert f"Saw completed job: tick-{minute}, condition: Complete" in messages


def test_of_failed_jobs_fewer_are_kept(lab: Any) -> None:
    lab.processes.exits["app:1"] = FAILED
    _cron(lab)
    lab.ticks(5 * MINUTE)
    assert len(_jobs(lab)) == 1


@pytest.mark.parametrize(("policy", "jobs", "active"), [("Allow", 3, 3), ("Forbid", 1, 1), ("Replace", 1, 1)])
def test_runs_that_overlap(lab: Any, policy: str, jobs: int, active: int) -> None:
    _cron(lab, concurrencyPolicy=policy)
    lab.ticks(3 * MINUTE)
    assert len(_jobs(lab)) == jobs
    assert len(lab.status("CronJob", "tick")["active"]) == active
    reasons = {reason for reason, _, _ in lab.events("tick")}
    assert ("JobAlreadyActive" in reasons) == (policy == "Forbid")
    assert ("SuccessfulDelete" in {r for r in reasons if r == "SuccessfulDelete"}) == (policy == "Replace")


def test_a_suspended_one_starts_nothing_and_goes_on_later(lab: Any) -> None:
    lab.processes.exits["app:1"] = DONE
    _cron(lab, suspend=True)
    lab.ticks(3 * MINUTE)
    assert _jobs(lab) == []
    lab.edit("CronJob", "tick", lambda cron: cron["spec"].update(suspend=False))
    lab.ticks(2)
    assert len(_jobs(lab)) == 1


def test_a_run_that_is_too_late_is_missed(lab: Any) -> None:
    _cron(lab, "0 * * * *", startingDeadlineSeconds=30, suspend=True)
    lab.ticks(60 * MINUTE)
    lab.edit("CronJob", "tick", lambda cron: cron["spec"].update(suspend=False))
    lab.ticks(2)
    assert _jobs(lab) == []
    lab.ticks(60 * MINUTE)
    assert len(_jobs(lab)) == 1


def test_a_new_schedule_makes_up_for_nothing(lab: Any) -> None:
    _cron(lab, "0 0 1 1 *")
    lab.ticks(5 * MINUTE)
    lab.edit("CronJob", "tick", lambda cron: cron["spec"].update(schedule="*/30 * * * *"))
    lab.ticks(2)
    assert _jobs(lab) == []


def test_a_job_that_somebody_deletes_is_missed(lab: Any) -> None:
    _cron(lab)
    lab.ticks(MINUTE)
    (name,) = _jobs(lab)
    lab.store.delete("Job", "default", name)
    lab.ticks(2)
    assert ("MissingJob", f"Active job went missing: {name}", 1) in lab.events("tick")
    assert "active" not in lab.status("CronJob", "tick")


def test_finished_jobs_go_when_their_time_is_over(lab: Any) -> None:
    lab.processes.exits["app:1"] = DONE
    cron = _cron(lab, successfulJobsHistoryLimit=100)
    spec = {**cron["spec"]["jobTemplate"]["spec"], "ttlSecondsAfterFinished": 60}
    lab.create("batch/v1", "Job", "once", spec={**spec, "completions": 1, "parallelism": 1})
    lab.edit("CronJob", "tick", lambda item: item["spec"].update(suspend=True))
    lab.ticks(10)
    assert "once" in _jobs(lab)
    lab.ticks(MINUTE)
    assert _jobs(lab) == []
    assert lab.pods() == []


# ---- schedules


def _times(text: str, zone: str, start: str, count: int) -> list[str]:
    place = ZoneInfo(zone)
    moment: float | None = datetime.fromisoformat(start).replace(tzinfo=place).timestamp()
    found = []
    for _ in range(count):
        assert moment is not None
        moment = next_time(parse_schedule(text), place, moment)
        found.append(datetime.fromtimestamp(moment, place).isoformat() if moment is not None else "never")
    return found


@pytest.mark.parametrize(
    ("text", "zone", "start", "expected"),
    [
        ("30 2 * * *", "UTC", "2026-01-31T02:30", ["2026-02-01T02:30:00+00:00", "2026-02-02T02:30:00+00:00"]),
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00", ["2028-02-29T00:00:00+00:00"]),
        ("0 0 30 2 *", "UTC", "2026-01-01T00:00", ["never"]),
        ("0 12 1 * mon", "UTC", "2026-06-01T13:00", ["2026-06-08T12:00:00+00:00", "2026-06-15T12:00:00+00:00"]),
        ("0 12 * * mon", "UTC", "2026-06-01T13:00", ["2026-06-08T12:00:00+00:00"]),
        ("@monthly", "Asia/Kolkata", "2026-06-01T13:00", ["2026-07-01T00:00:00+05:30"]),
        # The clock goes from 02:00 to 03:00: that day has no run between them.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T03:00", ["2026-03-30T02:30:00+02:00"]),
        # The clock goes from 03:00 back to 02:00: the run comes twice.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T03:00", ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]),
    ],
)
def test_next_times(text: str, zone: str, start: str, expected: list[str]) -> None:
    assert _times(text, zone, start, len(expected)) == expected


def test_every_so_often() -> None:
    assert next_time(parse_schedule("@every 90s"), ZoneInfo("UTC"), 1000.5) == 1090.0


fields = st.sampled_from(["*", "*/7", "5", "1-9/2", "0,30", "59"])


@given(fields, st.sampled_from(["*", "3", "22-23"]), st.sampled_from(["*", "31"]), st.floats(1.7e9, 1.9e9))
def test_the_next_time_is_the_first_minute_that_matches(minute: str, hour: str, day: str, after: float) -> None:
    schedule, zone = parse_schedule(f"{minute} {hour} {day} * *"), ZoneInfo("America/Sao_Paulo")
    found = next_time(schedule, zone, after)
    assert found is not None
    assert found > after
    local = datetime.fromtimestamp(found, zone)
    assert (local.second, local.minute in schedule.minutes, local.hour in schedule.hours) == (0, True, True)
    for back in range(1, min(int((found - after) // 60), 200)):
        earlier = datetime.fromtimestamp(found - 60 * back, zone)
        matches = earlier.minute in schedule.minutes and earlier.hour in schedule.hours and earlier.day in schedule.days
        assert not matches
