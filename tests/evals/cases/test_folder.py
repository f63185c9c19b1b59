"""Folders in the case format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aiops.core.errors import InvalidInputError
from aiops.evals.cases.diagnosis import diagnose
from aiops.evals.cases.folder import read_case
from aiops.evals.cases.many import diagnose_all
from tests.support.recordings import record

CASE = (
    "name: one\nonset: 1700000100.5\nbaseline_end: 1700000000\ntarget: web\ngraph: [[web, db]]\nkinds: {cpu: gauge}\n"
)


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / (name.replace("_", "."))).write_text(text)
    return folder


def test_all_parts_are_read(tmp_path: Path) -> None:
    found = read_case(
        written(
            tmp_path,
            case_yaml=CASE,
            metrics_csv="time,entity,metric,value\n1,web/p1,cpu,1\n1,web/p2,cpu,2\n1,db,cpu,\n",
            logs_csv='time,entity,message\n1,web/p1,"a, b"\n',
            traces_csv="trace_id,span_id,parent_id,entity,operation,start,duration,error\n"
            "t,b,a,db,get,1,0.5,1\nt,a,,web/p1,get,1,1,0\nt,c,gone,db,get,1,1,0\nt,b,a,db,get,1,0.5,1\n",
            changes_csv="time,entity,field,old,new\n1,cfg,data.x,1,2\n",
            events_csv="time,entity,type,reason,message\n1,db,Warning,BackOff,again\n",
            objects_yaml="kind: Service\nmetadata: {name: db}\n---\n"
            "kind: List\nitems: [{kind: Pod, metadata: {name: x}}]\n",
        )
    )
    assert found.entities == ("web/p1", "web/p2", "db", "cfg")
    assert (found.onset, found.baseline_end) == (1700000100.5, 1700000000.0)
    assert found.targets == (0, 1)
    assert found.calls == ((0, 2), (1, 2))
    assert found.workloads == (0, 0, 1, 2)
    assert found.samples is not None
    assert found.samples.declared == {"cpu": "gauge"}
    assert found.lines is not None
    assert found.lines.message == ["a, b"]
    assert found.spans is not None
    assert found.spans.parent.tolist() == [1, -1, -1]
    assert found.spans.error.tolist() == [True, False, False]
    assert found.changes[0].new == "2"
    assert found.events[0].reason == "BackOff"
    assert [item["kind"] for item in found.objects] == ["Service", "Pod"]
    assert found.missing() == []


def test_everything_but_the_case_may_be_missing(tmp_path: Path) -> None:
    found = read_case(written(tmp_path, case_yaml="name: bare\nonset: null\n"))
    assert found.missing() == ["metrics", "logs", "traces", "changes"]
    with pytest.raises(InvalidInputError, match="neither telemetry"):
        diagnose(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "one mapping"),
        ("a: [\n", "line 2"),
        ("onset: soon\n", "onset is no unix time"),
        ("onset: .nan\n", "onset is no unix time"),
        ("graph: [[a]]\n", "is not \\[caller, callee\\]"),
        ("graph: a\n", "no list"),
        ("kinds: [cpu]\n", "no mapping"),
    ],
)
def test_a_wrong_case_is_refused_with_the_reason(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=said) as caught:
        read_case(written(tmp_path, case_yaml=text))
    assert "case.yaml" in str(caught.value)


def test_a_kind_that_is_none_is_noted(tmp_path: Path) -> None:
    assert "colour" in read_case(written(tmp_path, case_yaml="kinds: {cpu: colour}\n")).notes[0]


@pytest.mark.parametrize("text", ["kind: Service\n", "a: [\n", "just text\n"])
def test_wrong_objects_are_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"objects\.yaml"):
        read_case(written(tmp_path, case_yaml=CASE, objects_yaml=text))


def test_constant_empty_and_broken_series_do_no_harm(tmp_path: Path) -> None:
    rows = [f"{t},e{e},{m},{v}" for t in range(60) for e in range(3) for m, v in (("cpu", 1), ("latency", "nan"))]
    rows += [f"{t},e0,requests_total,{10 * t if t < 40 else t}" for t in range(60)]
    rows += ["5,e1,errors,inf", "6,e1,errors,-inf"]
    folder = written(tmp_path, case_yaml=CASE, metrics_csv="time,entity,metric,value\n" + "\n".join(rows) + "\n")
    said = diagnose(folder)
    assert {cause["entity"] for cause in said["root_causes"]} >= {"e0", "e1", "e2"}
    assert np.isfinite([cause["score"] for cause in said["root_causes"]]).all()


def test_what_is_said_of_a_case(tmp_path: Path) -> None:
    drawn = record(4, "cpu", minutes=20, requests=0.4, most_pods=2)
    said = diagnose(drawn.write(tmp_path / "case"))
    assert list(said)[:6] == ["case", "fault", "abstained", "onset", "p", "seconds"]
    assert said["root_causes"][0]["entity"] == drawn.root
    assert said["workloads"][0]["entity"] == drawn.root.split("/")[0]
    names = [workload["entity"] for workload in said["workloads"]]
    assert sorted(names) == sorted({cause["entity"].split("/")[0] for cause in said["root_causes"]})


def test_many_cases_come_by_name_and_a_broken_one_stops_no_other(tmp_path: Path) -> None:
    record(1, "cpu", minutes=10, requests=0.2).write(tmp_path / "b")
    record(2, "disk", minutes=10, requests=0.2).write(tmp_path / "c")
    written(tmp_path / "a", case_yaml="onset: soon\n")
    found = list(diagnose_all(tmp_path))
    assert ["error" in each for each in found] == [True, False, False]
    assert [each["case"] for each in found] == ["a", "case-1", "case-2"]
    with pytest.raises(InvalidInputError, match="no such folder"):
        list(diagnose_all(tmp_path / "nowhere"))
