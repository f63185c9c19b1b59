"""Whether objects of some kinds have been written."""

from __future__ import annotations

from aiops.lab.apps import Application
from aiops.lab.writes import Writes
from tests.lab.conftest import PlainCluster


def test_writes_to_other_kinds_are_nobodys_business(hotel: Application) -> None:
    cluster = PlainCluster(hotel)
    writes = Writes(cluster, ("Service", "Pod"))
    assert writes.come()
    assert not writes.come()
    cluster.edit("Deployment", "geo", lambda manifest: manifest["metadata"].update(labels={"a": "b"}))
    assert not writes.come()
    cluster.edit("Service", "geo", lambda manifest: manifest["metadata"].update(labels={"a": "b"}))
    assert writes.come()
    cluster.forget("Service", "geo")
    assert writes.come()
    assert not writes.come()
