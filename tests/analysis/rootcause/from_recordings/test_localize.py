"""Whole recordings of a made-up shop: the cause comes first, whatever is missing and whatever things are called."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from aiops.analysis.rootcause.from_recordings.localize import Localization, localize
from aiops.analysis.rootcause.from_recordings.recording import RecordedChange, RecordedEvent, Recording, Samples
from aiops.core.mechanism import Mechanism
from aiops.evals.cases.folder import read_case
from tests.support.recordings import FAULTS, record


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cases")


@cache
def case(kind: str, folder: Path, seed: int = 5, late: float = 0.0) -> tuple[Recording, str]:
    drawn = record(seed, kind, minutes=25, requests=0.4, late=late)
    return read_case(drawn.write(folder / f"{kind}-{seed}-{late}")), drawn.root


def first(recording: Recording, found: Localization) -> str:
    return recording.entities[found.suspects[0].entity]


@pytest.mark.parametrize("kind", FAULTS)
def test_the_cause_comes_first(kind: str, folder: Path) -> None:
    recording, root = case(kind, folder)
    found = localize(recording)
    assert first(recording, found) == root
    assert found.fault
    assert len(found.suspects) == len(recording.entities)
    assert found.suspects[0].evidence
    assert found.suspects[0].score == max(suspect.score for suspect in found.suspects)


@pytest.mark.parametrize("missing", ["samples", "lines", "spans"])
@pytest.mark.parametrize("kind", ["cpu", "errors"])
def test_a_missing_part_is_said_and_costs_nothing_here(kind: str, missing: str, folder: Path) -> None:
    recording, root = case(kind, folder)
    found = localize(dataclasses.replace(recording, **{missing: None}))
    assert first(recording, found) == root
    assert {"samples": "metrics", "lines": "logs", "spans": "traces"}[missing] in found.missing


@pytest.mark.parametrize("without", ["targets", "onset"])
def test_nobody_need_tell_the_target_or_the_onset(without: str, folder: Path) -> None:
    recording, root = case("cpu", folder)
    found = localize(dataclasses.replace(recording, **{without: () if without == "targets" else None}))
    assert first(recording, found) == root
    assert found.onset == pytest.approx(recording.onset, abs=60)


def test_an_onset_that_is_told_late_is_found(folder: Path) -> None:
    recording, root = case("cpu", folder, late=90.0)
    found = localize(recording)
    assert first(recording, found) == root
    assert recording.onset is not None
    assert found.onset == pytest.approx(recording.onset - 90, abs=30)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_normal_time_is_no_fault_and_is_ranked_all_the_same(seed: int, folder: Path) -> None:
    recording, _ = case("none", folder, seed=seed)
    found = localize(recording)
    assert not found.fault
    assert len(found.suspects) == len(recording.entities)


def test_the_mechanism_is_told_where_something_tells(folder: Path) -> None:
    for kind, mechanism in (
        ("cpu", Mechanism.RESOURCE_CPU_LIMIT),
        ("memory", Mechanism.RESOURCE_MEMORY_LIMIT),
        ("delay", Mechanism.NETWORK_LATENCY),
    ):
        assert localize(case(kind, folder)[0]).suspects[0].mechanism == mechanism


def ranking(recording: Recording) -> list[str]:
    return [recording.entities[suspect.entity] for suspect in localize(recording).suspects]


@pytest.mark.parametrize("kind", ["cpu", "silent", "none"])
def test_names_change_nothing(kind: str, folder: Path) -> None:
    recording, _ = case(kind, folder)
    other = {name: f"z{len(recording.entities) - i}" for i, name in enumerate(recording.entities)}
    renamed = dataclasses.replace(recording, entities=tuple(other[name] for name in recording.entities))
    assert ranking(renamed) == [other[name] for name in ranking(recording)]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_order_of_entities_rows_and_metrics_changes_nothing(seed: int, folder: Path) -> None:
    recording, _ = case("errors", folder)
    assert ranking(renumbered(recording, seed)) == ranking(recording)


def renumbered(recording: Recording, seed: int) -> Recording:
    """The same with other numbers for entities and metrics, and rows in another order."""
    rng = np.random.default_rng(seed)
    place = rng.permutation(len(recording.entities))
    back = np.argsort(place)
    samples, lines, spans = recording.samples, recording.lines, recording.spans
    assert samples is not None
    assert lines is not None
    assert spans is not None
    rows, metric = rng.permutation(len(samples.time)), rng.permutation(len(samples.names))
    log, span = rng.permutation(len(lines.time)), rng.permutation(len(spans.start))
    where = np.append(np.argsort(span), -1)
    return dataclasses.replace(
        recording,
        entities=tuple(recording.entities[i] for i in back),
        targets=tuple(int(place[target]) for target in recording.targets),
        workloads=tuple(int(place[w]) for w in np.array(recording.workload_of())[back]),
        calls=tuple((int(place[a]), int(place[b])) for a, b in recording.calls),
        samples=Samples(
            samples.time[rows],
            place[samples.entity[rows]],
            metric[samples.metric[rows]],
            samples.value[rows],
            tuple(samples.names[i] for i in np.argsort(metric)),
        ),
        lines=dataclasses.replace(
            lines, time=lines.time[log], entity=place[lines.entity[log]], message=[lines.message[i] for i in log]
        ),
        spans=dataclasses.replace(
            spans,
            entity=place[spans.entity[span]],
            parent=where[spans.parent[span]],
            operation=spans.operation[span],
            start=spans.start[span],
            duration=spans.duration[span],
            error=spans.error[span],
        ),
    )


def bare(**more: object) -> Recording:
    return dataclasses.replace(Recording("bare", ("a", "b", "c"), onset=1000.0), **more)


def test_a_change_right_before_the_start_is_a_hint() -> None:
    changes = tuple(RecordedChange(t, e, "image", "1", "2") for t, e in ((100.0, 0), (900.0, 1), (1500.0, 2)))
    found = localize(bare(changes=changes))
    assert [suspect.entity for suspect in found.suspects] == [1, 0, 2]
    assert "image changed from '1' to '2'" in found.suspects[0].evidence[0]
    assert not found.fault


def test_no_secret_is_quoted() -> None:
    changes = (RecordedChange(900.0, 0, "data.db_password", "hunter2", "hunter3"),)
    events = (RecordedEvent(1000.0, 1, "Warning", "Failed", "token=abcdefgh12345678 refused"),)
    said = " ".join(
        text for suspect in localize(bare(changes=changes, events=events)).suspects for text in suspect.evidence
    )
    assert "data.db_password changed" in said
    assert "hunter" not in said
    assert "abcdefgh" not in said


def test_a_warning_that_is_new_is_a_hint_with_its_mechanism() -> None:
    events = (
        RecordedEvent(100.0, 0, "Warning", "Unhealthy", "probe failed"),
        RecordedEvent(1010.0, 0, "Warning", "Unhealthy", "probe failed"),
        RecordedEvent(1020.0, 2, "Warning", "OOMKilling", "out of memory"),
        RecordedEvent(1020.0, 1, "Normal", "Pulled", "image"),
    )
    found = localize(bare(events=events))
    assert found.suspects[0].entity == 2
    assert found.suspects[0].mechanism == Mechanism.RESOURCE_MEMORY_LIMIT
    assert found.suspects[1].score == 0


def test_objects_are_checked() -> None:
    pod = {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "b", "namespace": "n"}}
    pod["spec"] = {"selector": {"app": "b"}, "ports": [{"port": 80, "targetPort": 80}]}
    found = localize(bare(objects=(pod,)))
    assert found.suspects[0].entity == 1
    assert found.fault


def test_nothing_recorded_is_no_fault() -> None:
    found = localize(bare())
    assert not found.fault
    assert [suspect.score for suspect in found.suspects] == [0.0, 0.0, 0.0]
    assert {"metrics", "logs", "traces", "changes"} <= set(found.missing)


@pytest.mark.parametrize("seed", range(4))
def test_equal_scores_are_told_apart_by_what_was_recorded(seed: int) -> None:
    """All series but one vanish alike; only their levels differ."""
    rows = [(10.0 * t, e, 0, 1.0 + e) for t in range(30) for e in range(5) if t < 20 or e == 0]
    order = np.random.default_rng(seed).permutation(len(rows))
    place = np.random.default_rng(seed).permutation(5)
    time, entity, metric, value = (np.array(column)[order] for column in zip(*rows, strict=True))
    names = tuple(f"e{i}" for i in np.argsort(place))
    samples = Samples(time, place[entity], metric, value, ("cpu",))
    assert ranking(Recording("ties", names, onset=200.0, samples=samples)) == ["e4", "e3", "e2", "e1", "e0"]
