"""Events of events.k8s.io: one, then a series, then a new one."""

from __future__ import annotations

from typing import Any

from aiops.lab.control.event_series import SeriesRecorder
from aiops.lab.control.events import NORMAL, EventRecorder


def _recorder(lab: Any) -> SeriesRecorder:
    return SeriesRecorder(lab.store, "default-scheduler", "kube-scheduler", "host")


def _events(lab: Any) -> list[dict[str, Any]]:
    found = lab.store.objects("Event", "default")
    return sorted((dict(each) for each in found), key=lambda each: str(each["eventTime"]))


def test_one_event_has_an_action_and_no_count(make_lab: Any) -> None:
    lab = make_lab(nodes=0)
    pod = lab.create("v1", "ConfigMap", "about")
    _recorder(lab).record(pod, NORMAL, "Scheduled", "Binding", "Successfully assigned")
    (event,) = _events(lab)
    assert (event["action"], event["reportingComponent"]) == ("Binding", "default-scheduler")
    assert event["reportingInstance"] == "default-scheduler-host"
    assert event["firstTimestamp"] is None
    assert event["lastTimestamp"] is None
    assert not {"count", "series"} & event.keys()


def test_repeats_make_a_series_that_is_written_at_its_second_and_its_end(make_lab: Any) -> None:
    lab = make_lab(nodes=0)
    about, recorder = lab.create("v1", "ConfigMap", "about"), _recorder(lab)
    for _ in range(5):
        recorder.record(about, NORMAL, "Waiting", "Scheduling", "not yet")
        lab.now += 60
    (event,) = _events(lab)
    assert event["series"]["count"] == 2
    lab.now += 400
    recorder.record(about, NORMAL, "Waiting", "Scheduling", "not yet")
    first, second = _events(lab)
    assert first["series"]["count"] == 5
    assert "series" not in second


def test_another_version_of_the_object_is_another_event(make_lab: Any) -> None:
    lab = make_lab(nodes=0)
    about, recorder = lab.create("v1", "ConfigMap", "about"), _recorder(lab)
    recorder.record(about, NORMAL, "Waiting", "Scheduling", "not yet", related=about)
    changed = lab.store.update({**about, "data": {"a": "b"}}, manager="test")
    recorder.record(changed, NORMAL, "Waiting", "Scheduling", "not yet")
    assert len(_events(lab)) == 2
    assert [event.get("related", {}).get("name") for event in _events(lab)].count("about") == 1


def test_further_events_have_the_managers_of_the_first(make_lab: Any) -> None:
    lab = make_lab(nodes=0)
    about, series = lab.create("v1", "ConfigMap", "about"), _recorder(lab)
    events = EventRecorder(lab.store, "kubelet", "kubelet")
    for number in range(2):
        series.record(about, NORMAL, f"Scheduled{number}", "Binding", "assigned")
        series.record(about, NORMAL, f"Preempted{number}", "Preempting", "by", related=about)
        events.record(about, NORMAL, "Started", f"without a host {number}")
        events.record(about, NORMAL, "Pulled", f"with a host {number}", host="node-1", path="spec")
        lab.now += 5
    found = sorted(lab.store.objects("Event", "default"), key=lambda each: int(each["metadata"]["resourceVersion"]))
    for first, second in zip(found[:4], found[4:], strict=True):
        (one,), (other,) = (each["metadata"]["managedFields"] for each in (first, second))
        assert one == {**other, "time": "2026-05-28T20:26:40Z"}
        assert other["time"] == "2026-05-28T20:26:45Z"
    fresh = lab.store.create({**found[2], "metadata": {"name": "again", "namespace": "default"}}, manager="kubelet")
    assert fresh["metadata"]["managedFields"][0]["fieldsV1"] == found[6]["metadata"]["managedFields"][0]["fieldsV1"]
