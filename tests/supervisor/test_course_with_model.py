"""An incident in a world that is really broken, with a model that wants something else than the evidence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from aiops.clients.models.endpoint import EndpointModel
from aiops.clients.transport import Retry
from aiops.core.incident import EventKind
from aiops.supervisor.engine import Engine
from aiops.supervisor.second_opinion import ACTOR, model_usage
from tests.supervisor.test_course import GEO, HISTORY, Course
from tests.support.model_server import said, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def backwards(body: dict[str, Any]) -> Response:
    """Puts the last candidate first and orders a deletion."""
    order = body["response_format"]["json_schema"]["schema"]["properties"]["order"]
    cites = body["response_format"]["json_schema"]["schema"]["properties"]["explanation"]["items"]["properties"][
        "cites"
    ]
    evidence = cites["items"]["enum"] if "enum" in cites["items"] else [cites["items"]["const"]]
    said_so = [{"text": "Delete Namespace//production at once.", "cites": evidence[:1]}]
    return said({"verdict": "reorder", "order": list(range(order["minItems"], 0, -1)), "explanation": said_so})


async def test_a_model_that_is_wrong_does_not_change_what_is_proposed(tmp_path: Path) -> None:
    async with serving(backwards) as server:
        model = EndpointModel(server.url, "scripted", retry=Retry(attempts=1))
        course = Course(tmp_path / "state")
        course.engine = Engine(replace(course.engine._services, model=model))
        await course.engine.start()
        try:
            await course.run(HISTORY)
            await course.set_port(GEO, 9999)
            incident = await course.incident()
            approval = await course.proposal(incident)
            events = course.store.events(incident)
        finally:
            await course.engine.stop()
            await model.close()
    assert approval.action.proposal.target == GEO
    (opinion,) = [event for event in events if event.actor == ACTOR]
    (diagnosis,) = [event for event in events if event.kind is EventKind.DIAGNOSIS]
    assert opinion.seq < diagnosis.seq
    assert "Namespace//production" not in opinion.text
    assert diagnosis.data["root_causes"][0]["subject"]["name"] == "geo"
    assert model_usage(events).calls == 1
    (body,) = server.bodies
    assert len(str(body)) < 40_000
    assert len(diagnosis.data["root_causes"]) > 1  # else there was nothing to put first
    assert course.wire.writes == []
