"""What is put together, and what stays apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aiops.agents.scan.grouping import group
from aiops.agents.scan.report import Severity
from aiops.agents.scan.sighting import MOST_DETAIL, Sighting, quoted, show
from aiops.core.entity import Entity

A, B = (Entity(kind="Deployment", namespace="shop", name=name) for name in "ab")


def _seen(check: str, subject: Entity, severity: Severity, strength: float = 0.0, times: int = 1) -> Sighting:
    workloads = (subject,) if subject.kind == "Deployment" else ()
    title = f"{check} at {subject}"
    return Sighting(check, subject, severity, title, show(subject), strength=strength, workloads=workloads, times=times)


def test_a_symptom_joins_the_cause_of_its_workload_and_gives_it_its_severity() -> None:
    found = group([_seen("stuck", A, Severity.CRITICAL), _seen("image", A, Severity.WARNING, 0.9)])
    assert [f.title for f in found] == [f"image at {A}"]
    assert found[0].severity == Severity.CRITICAL
    assert found[0].also == (f"stuck at {A}",)


def test_two_causes_of_one_workload_stay_two() -> None:
    found = group([_seen("image", A, Severity.WARNING, 0.9), _seen("memory", A, Severity.CRITICAL, 0.8)])
    assert [f.title for f in found] == [f"memory at {A}", f"image at {A}"]


def test_unexplained_symptoms_of_one_workload_are_one_finding() -> None:
    found = group(
        [_seen("event", A, Severity.INFO), _seen("stuck", A, Severity.WARNING), _seen("stuck", B, Severity.INFO)]
    )
    assert [(f.title, f.also) for f in found] == [(f"stuck at {A}", (f"event at {A}",)), (f"stuck at {B}", ())]


def test_the_same_seen_in_many_pods_is_counted() -> None:
    (found,) = group([_seen("crash", A, Severity.WARNING, times=2), _seen("crash", A, Severity.CRITICAL, times=5)])
    assert found.times == 7
    assert found.severity == Severity.CRITICAL


@given(st.lists(st.tuples(st.sampled_from(["x", "y", "z"]), st.sampled_from([A, B]), st.sampled_from(list(Severity)))))
def test_nothing_is_lost_and_the_order_is_by_severity(items: list[tuple[str, Entity, Severity]]) -> None:
    found = group([_seen(check, subject, severity) for check, subject, severity in items])
    told = {title for f in found for title in (f.title, *f.also)}
    assert told == {f"{check} at {subject}" for check, subject, _ in items}
    assert [f.severity.rank for f in found] == sorted(f.severity.rank for f in found)


@given(st.text())
def test_a_quotation_is_one_bounded_line(text: str) -> None:
    line = quoted(text)
    assert len(line) <= MOST_DETAIL
    assert "\n" not in line


def test_a_quotation_has_no_secret() -> None:
    assert "hunter2" not in quoted("postgres://shop:hunter2@db/shop refused")
