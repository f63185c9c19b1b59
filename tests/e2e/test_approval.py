"""Approvals over HTTP: bound to one action, used once; a "no" leads elsewhere and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aiops.core.action import ACTION_ANNOTATION
from aiops.core.entity import Entity
from aiops.core.errors import ServiceError

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_denied_to_the_end(stage: Callable[..., Any]) -> None:
    async with stage(seed=3) as on:
        api = await on.serve()
        await on.inject("bad_image_tag", seed=3)
        incident = await on.incident()
        proposal = await on.proposal(incident)
        path = f"/api/approvals/{proposal['id']}"
        target = Entity.model_validate(proposal["action"]["proposal"]["target"])
        with pytest.raises(ServiceError, match="another action") as wrong:
            await api.request("POST", path, {"decision": "approved", "digest": "0" * 64})
        assert wrong.value.status == 409
        denial = {"decision": "denied", "digest": proposal["digest"], "actor": "ann", "reason": "not now"}
        await api.request("POST", path, denial)
        with pytest.raises(ServiceError, match="already denied") as again:
            await api.request("POST", path, denial | {"decision": "approved"})
        assert again.value.status == 409
        seen = {proposal["action"]["proposal"]["tool"]}
        while (await api.request("GET", f"/api/incidents/{incident}"))["state"] != "escalated":
            waiting = await api.request("GET", "/api/approvals", decision="pending")
            for other in waiting:
                seen.add(other["action"]["proposal"]["tool"])
                body = {"decision": "denied", "digest": other["digest"]}
                await api.request("POST", f"/api/approvals/{other['id']}", body)
        kube = on.cluster()
        left = await kube.get(target)
        await kube.close()
        assert ACTION_ANNOTATION not in left["metadata"].get("annotations", {})
        kinds = [event["kind"] for event in await api.request("GET", f"/api/incidents/{incident}/events")]
        assert "change" not in kinds
        assert kinds.count("report") == 1
