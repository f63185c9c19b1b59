"""Which claims a pod mounts."""

from __future__ import annotations

from aiops.analysis.state.storage.users import mounts


def test_claims_are_told_once_and_in_order() -> None:
    names = ["logs", "data", "logs"]
    volumes = [{"name": "shm", "emptyDir": {}}, *({"persistentVolumeClaim": {"claimName": name}} for name in names)]
    assert mounts({"volumes": volumes}) == ["logs", "data"]


def test_a_pod_without_volumes_mounts_none() -> None:
    assert mounts({"volumes": None}) == mounts({}) == []
