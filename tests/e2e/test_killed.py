"""A killed server goes on where it was, and makes a change exactly once. The lab lives on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from aiops.cli.rig import LabAddress
from aiops.clients.kubeconfig import load_access
from aiops.core.action import ACTION_ANNOTATION
from aiops.core.entity import Entity
from tests.e2e.conftest import Stage
from tests.e2e.proxy import Moment, holding_proxy

pytestmark = pytest.mark.slow

FAULT = "wrong_target_port"


def _through(lab: LabAddress, url: str, directory: Path) -> LabAddress:
    """The same lab, reached at another address."""
    directory.mkdir()
    config = yaml.safe_load(lab.kubeconfig("assistant").read_text())
    config["clusters"][0]["cluster"]["server"] = url
    (directory / "assistant.kubeconfig").write_text(yaml.safe_dump(config))
    return replace(lab, directory=directory)


async def _approve(stage: Stage, proposal: dict[str, Any]) -> None:
    assert stage.api is not None
    body = {"decision": "approved", "digest": proposal["digest"], "actor": "test"}
    await stage.api.request("POST", f"/api/approvals/{proposal['id']}", body)


async def _target(stage: Stage, proposal: dict[str, Any]) -> dict[str, Any]:
    kube = stage.cluster()
    found = await kube.get(Entity.model_validate(proposal["action"]["proposal"]["target"]))
    await kube.close()
    return found


async def test_killed_while_an_approval_waits(stage: Callable[..., Any]) -> None:
    async with stage() as on:
        await on.serve()
        await on.inject(FAULT)
        incident = await on.incident()
        proposal = await on.proposal(incident)
        on.kill_server()
        before = await _target(on, proposal)
        assert ACTION_ANNOTATION not in before["metadata"].get("annotations", {})
        api = await on.serve()
        assert (await on.proposal(incident))["digest"] == proposal["digest"]
        await _approve(on, proposal)
        assert (await on.finished(incident))["state"] == "resolved"
        kinds = [e["kind"] for e in await api.request("GET", f"/api/incidents/{incident}/events")]
        assert (kinds.count("proposal"), kinds.count("change")) == (1, 1)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_in_the_middle_of_a_change(stage: Callable[..., Any], tmp_path: Path, moment: Moment) -> None:
    async with stage() as on, holding_proxy(load_access(on.lab.kubeconfig("admin")), moment) as (url, proxy):
        await on.serve(_through(on.lab, url, tmp_path / "through"))
        await on.inject(FAULT)
        incident = await on.incident()
        proposal = await on.proposal(incident)
        await _approve(on, proposal)
        await proxy.held.wait()
        assert len(proxy.writes) == 1
        on.kill_server()
        written = await _target(on, proposal)
        made = written["metadata"].get("annotations", {}).get(ACTION_ANNOTATION)
        assert made == (proposal["action"]["id"] if moment == "after" else None)
        api = await on.serve()
        assert (await on.finished(incident))["state"] == "resolved"
        after = await _target(on, proposal)
        assert after["metadata"]["annotations"][ACTION_ANNOTATION] == proposal["action"]["id"]
        if moment == "after":
            assert after["metadata"]["resourceVersion"] == written["metadata"]["resourceVersion"]
        changes = [e for e in await api.request("GET", f"/api/incidents/{incident}/events") if e["kind"] == "change"]
        assert [c["data"]["undone"] for c in changes] == [False]
