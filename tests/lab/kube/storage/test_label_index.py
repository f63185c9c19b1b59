"""Objects are found by labels as by looking at all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.kube.storage.shelf import Shelf

names = st.sampled_from(("a", "b", "c", "d"))
labels = st.dictionaries(st.sampled_from(("app", "tier")), st.sampled_from(("x", "y")), max_size=2)
writes = st.lists(st.tuples(st.sampled_from(("shop", "other")), names, st.none() | labels), max_size=20)


def _object(namespace: str, name: str, carried: dict[str, str]) -> Manifest:
    return {"metadata": {"namespace": namespace, "name": name, "labels": carried}}


@given(writes, writes, labels.map(lambda found: found or {"app": "x"}))
def test_found_is_what_carries_all_of_them(
    early: list[tuple[str, str, dict[str, str] | None]],
    late: list[tuple[str, str, dict[str, str] | None]],
    wanted: dict[str, str],
) -> None:
    shelf = Shelf()
    for moment, part in enumerate((early, late)):
        for namespace, name, carried in part:
            if carried is not None:
                shelf.put((namespace, name), _object(namespace, name, carried))
            elif shelf.get((namespace, name)) is not None:
                shelf.remove((namespace, name))
        found = shelf.labelled("shop", wanted)
        assert found == [each for each in shelf.list("shop") if wanted.items() <= each["metadata"]["labels"].items()], (
            moment
        )


def test_changes_rise_with_each_write() -> None:
    shelf = Shelf()
    shelf.put(("shop", "a"), _object("shop", "a", {}))
    shelf.put(("shop", "a"), _object("shop", "a", {"app": "x"}))
    shelf.remove(("shop", "a"))
    assert shelf.changes == 3
