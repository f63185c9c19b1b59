"""What the logs specialist makes of answers that their readers cannot make sense of."""

from __future__ import annotations

import pytest

from aiops.agents.scoping.scope import CallMap
from aiops.agents.specialists import logs as module
from aiops.agents.specialists.support import unreadable_answers
from aiops.agents.toolbox import Toolbox
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.changes import Change, FieldChange
from aiops.core.clock import VirtualClock
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context
from aiops.tools.logs_by_template import LogTemplates, TemplateSummary
from aiops.tools.recent_changes import ChangeList
from tests.support.investigation import CART, ONSET, WEB, make_scope

LINE = '{"level":"warn","msg":"record skipped","target":"cart","error":"cannot parse"}'
IMAGE = FieldChange(path="spec.template.spec.containers[cart].image", old="cart:1", new="cart:2")


def templates(count: int, before: int = 0) -> LogTemplates:
    one = TemplateSummary(
        template=LINE,
        example=LINE,
        count=count,
        baseline_count=before,
        first_at=ONSET + 20,
        last_at=ONSET + 200,
        pods=(),
    )
    return LogTemplates(workload=WEB, templates=(one,))


def toolbox(monkeypatch: pytest.MonkeyPatch, *changes: Change) -> Toolbox:
    """Tools of which only the changes answer."""
    tools = Toolbox(Context(kube=KubernetesClient.at("http://cluster"), clock=VirtualClock(ONSET)), ())

    async def read(*_: object, **__: object) -> ChangeList:
        return ChangeList(changes=changes)

    monkeypatch.setattr(tools, "read", read)
    return tools


async def blamed(result: LogTemplates, tools: Toolbox, **scope: object) -> list[tuple[str, Mechanism, str | None]]:
    found = await module._unreadable(WEB, result, make_scope(**scope), tools)
    assert all(item.subject == CART and item.onset == ONSET + 20 for item in found)
    return [(str(h.subject), h.mechanism, h.field) for item in found for h in item.suggests]


async def test_the_version_that_came_lately_is_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    change = Change(at=ONSET, entity=CART, verb="updated", actor="kubectl-edit", fields=(IMAGE,))
    assert await blamed(templates(200), toolbox(monkeypatch, change)) == [
        (str(CART), Mechanism.APP_VERSION, IMAGE.path)
    ]


async def test_without_a_new_version_it_is_what_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await blamed(templates(200), toolbox(monkeypatch)) == [(str(CART), Mechanism.DATA_CORRUPTION, None)]


async def test_a_few_lines_or_lines_as_before_are_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = toolbox(monkeypatch)
    assert await blamed(templates(3), tools) == []
    assert await blamed(templates(200, before=150), tools) == []


def test_a_line_that_names_nobody_who_is_called_blames_nobody() -> None:
    assert unreadable_answers.callee_in(LINE, WEB, make_scope()) == CART
    assert unreadable_answers.callee_in(LINE, CART, make_scope()) is None
    assert unreadable_answers.callee_in(LINE, WEB, make_scope(call_map=CallMap())) is None
