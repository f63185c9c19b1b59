"""Who takes back what others write."""

from __future__ import annotations

from aiops.analysis.changes.contested import contests
from aiops.analysis.state.writers import writing_workload
from aiops.core.changes import Change, FieldChange
from aiops.core.entity import Entity

CART = Entity(kind="Deployment", namespace="shop", name="cart")
LIMIT = "spec.template.spec.containers[cart].resources.limits.memory"


def write(at: float, actor: str, old: str | None, new: str | None, path: str = LIMIT) -> Change:
    field = FieldChange(path=path, old=old, new=new)
    return Change(at=at, entity=CART, verb="updated", actor=actor, fields=(field,))


def test_a_writer_that_puts_its_value_back_twice() -> None:
    changes = [
        write(0, "ann", "2Gi", "64Mi"),
        write(100, "bob", "64Mi", "2Gi"),
        write(105, "sizer", "2Gi", "64Mi"),
        write(900, "bob", "64Mi", "2Gi"),
        write(910, "sizer", "2Gi", "64Mi"),
    ]
    found = contests(list(reversed(changes)))
    assert [(one.writer, one.times, one.since) for one in found] == [("sizer", 2, 105), ("bob", 1, 100)][: len(found)]
    assert (found[0].entity, found[0].paths) == (CART, (LIMIT,))


def test_whoever_writes_other_things_too_is_a_person() -> None:
    changes = [write(0, "ann", "a", "b"), write(10, "bob", "b", "a"), write(20, "bob", "1", "2", "spec.replicas")]
    assert contests(changes) == []


def test_what_comes_much_later_or_writes_something_new_contests_nothing() -> None:
    assert contests([write(0, "ann", "a", "b"), write(5000, "sizer", "b", "a")]) == []
    assert contests([write(0, "ann", "a", "b"), write(10, "sizer", "b", "c")]) == []
    assert contests([write(0, "ann", "a", "b"), write(10, "ann", "b", "a")]) == []


def test_the_program_behind_a_field_manager() -> None:
    def program(kind: str, name: str, image: str, account: str = "") -> dict[str, object]:
        pod = {"containers": [{"name": "c", "image": image}], "serviceAccountName": account}
        spec: dict[str, object] = {"template": {"spec": pod}}
        spec = {"jobTemplate": {"spec": spec}} if kind == "CronJob" else spec
        return {"kind": kind, "metadata": {"namespace": "shop", "name": name}, "spec": spec}

    programs = [
        program("Deployment", "sizer", "example.com/ops/resizer:1"),
        program("CronJob", "night", "example.com/ops/kubectl@sha256:1", "nightly"),
        program("Deployment", "one", "example.com/twin:1"),
        program("Deployment", "two", "example.com/twin:2"),
    ]
    found = {name: writing_workload(programs, name) for name in ("sizer", "resizer", "nightly", "twin", "ann")}
    assert {name: str(entity) for name, entity in found.items() if entity} == {
        "sizer": "Deployment/shop/sizer",
        "resizer": "Deployment/shop/sizer",
        "nightly": "CronJob/shop/night",
    }
