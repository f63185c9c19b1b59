"""A handful of the recordings, made again: a stale one is noticed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.conformance.compare import differences
from tests.conformance.real import RealCluster, real_cluster
from tests.conformance.record import record
from tests.conformance.recording import another_kubectl, load_recording
from tests.conformance.script import find_scripts

pytestmark = pytest.mark.cluster

# not the rights: other tests give the assistant some meanwhile
NAMES = [f"basics/{name}" for name in ("configmaps", "discovery", "eviction", "namespaces", "patches", "refused")]


@pytest.fixture
async def cluster(people: dict[str, Path], tmp_path: Path) -> AsyncGenerator[RealCluster]:
    async with real_cluster(people["admin"], tmp_path) as cluster:
        yield cluster


@pytest.mark.parametrize("name", NAMES)
async def test_it_answers_as_recorded(name: str, cluster: RealCluster) -> None:
    (script,) = find_scripts([name])
    old = load_recording(name)
    version = (await cluster.people["admin"].http.get("/version")).json()["gitVersion"]
    if version != old.kubernetes:
        pytest.skip(f"the recording is of {old.kubernetes}, this cluster is {version}")
    if another_kubectl(old):
        pytest.skip(another_kubectl(old))
    found = differences(name, old.steps, (await record(cluster, script)).steps)
    assert not found, "\n\n".join("\n".join((each.step, *each.lines)) for each in found)
