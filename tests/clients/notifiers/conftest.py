from __future__ import annotations

from collections.abc import Callable

import pytest

from aiops.clients.notifiers.message import Cause, Message, Occasion, ProposedChange
from aiops.core.incident import State

MakeMessage = Callable[..., Message]


@pytest.fixture
def message() -> MakeMessage:
    def make(**other: object) -> Message:
        fields: dict[str, object] = {
            "id": "inc-1-7",
            "occasion": Occasion.APPROVAL,
            "at": 1_700_000_000.0,
            "incident": "inc-1",
            "title": "Errors <!channel>",
            "namespaces": ("shop",),
            "state": State.AWAITING_APPROVAL,
            "summary": "scale is proposed & waits",
            "cause": Cause(subject="Deployment/shop/cart", mechanism="scaling.replicas", confidence=0.9, summary="few"),
            "change": ProposedChange(
                approval="apr-1",
                tool="scale",
                target="Deployment/shop/cart",
                reason="too few",
                expected_effect="enough",
                risk="low",
                diff="-replicas: 1\n+replicas: 2",
            ),
            "link": "https://ops.example.com/incident/inc-1",
        }
        return Message.model_validate(fields | other)

    return make
