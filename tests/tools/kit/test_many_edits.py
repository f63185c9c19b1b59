"""Actions of several edits, which create and delete too, cut off anywhere."""

from __future__ import annotations

from contextlib import suppress

import pytest

from aiops.core.action import CreateEdit, DeleteEdit, Edit, PatchEdit, Proposal, Risk
from aiops.core.entity import Entity
from aiops.core.errors import ConflictError, NotFoundError
from aiops.core.fields import desired
from aiops.tools.kit import operations
from aiops.tools.kit.context import Context
from aiops.tools.kit.edits import make
from aiops.tools.kit.registry import TOOLS, Tool

GEO = Entity(kind="Deployment", namespace="hotel", name="geo")
NEW = Entity(kind="ConfigMap", namespace="hotel", name="new")
OLD = Entity(kind="ConfigMap", namespace="hotel", name="old")


def config(entity, **data):
    meta = {"name": entity.name, "namespace": entity.namespace, "labels": {"a": "b"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


EDITS = (
    PatchEdit(target=GEO, patch_type="merge", body={"spec": {"replicas": 3}}),
    CreateEdit(target=NEW, manifest=config(NEW, x="1")),
    DeleteEdit(target=OLD),
)


async def three_edits(ctx: Context) -> list[Edit]:
    """A tool that patches, creates and deletes; none of ours does all."""
    return list(EDITS)


@pytest.fixture
async def action(ready, monkeypatch):
    tool = Tool(three_edits, "changes", Risk.HIGH, ())
    TOOLS.names()
    monkeypatch.setitem(TOOLS._items, tool.name, tool)
    proposal = Proposal(
        tool=tool.name, arguments={}, target=GEO, mechanism=None, reason="", expected_effect="", evidence=()
    )
    return await operations.prepare(ready.ctx, proposal, "a1")


@pytest.fixture
async def ready(lab):
    await lab.other().create(config(OLD, y="2"))
    lab.wire.writes.clear()
    return lab


async def exists(lab, entity):
    try:
        return desired(await lab.kube.get(entity))
    except NotFoundError:
        return None


async def state(lab):
    return [await exists(lab, entity) for entity in (GEO, NEW, OLD)]


class NthWrite:
    """Cuts the wire before or after the n-th write."""

    def __init__(self, wire, number, when):
        self._inner = wire.handle_async_request
        self._left = number
        self._wire, self._when = wire, when

    async def __call__(self, request):
        writes = request.method in ("PATCH", "POST", "PUT", "DELETE")
        if writes and "dryRun" not in request.url.params:
            self._left -= 1
            if self._left == 0:
                self._wire.fail = self._when
        return await self._inner(request)


def cut(lab, monkeypatch, number, when):
    monkeypatch.setattr(lab.wire, "handle_async_request", NthWrite(lab.wire, number, when))


CUTS = [(number, when) for number in (1, 2, 3) for when in ("before write", "after write")]


@pytest.mark.parametrize(("number", "when"), CUTS)
async def test_a_cut_action_goes_on_at_the_first_edit_that_was_not_made(ready, action, monkeypatch, number, when):
    cut(ready, monkeypatch, number, when)
    with pytest.raises(ready.killed):
        await operations.apply(ready.ctx, action, ready.journal)
    applied = await operations.apply(ready.ctx, action, ready.journal)
    assert len(ready.wire.writes) == 3
    geo, new, old = await state(ready)
    assert (geo["spec"]["replicas"], new["data"], old) == (3, {"x": "1"}, None)
    assert [one.before is None for one in applied] == [False, True, False]
    assert [one.after is None for one in applied] == [False, False, True]


@pytest.mark.parametrize(("number", "when"), CUTS)
async def test_a_cut_undo_puts_everything_back_once(ready, action, monkeypatch, number, when):
    before = await state(ready)
    await operations.apply(ready.ctx, action, ready.journal)
    ready.wire.writes.clear()
    cut(ready, monkeypatch, number, when)
    with pytest.raises(ready.killed):
        await operations.undo(ready.ctx, action, ready.journal)
    await operations.undo(ready.ctx, action, ready.journal)
    assert len(ready.wire.writes) == 3
    assert await state(ready) == before


@pytest.mark.parametrize(("number", "when"), CUTS)
@pytest.mark.parametrize(("undo_number", "undo_when"), CUTS)
async def test_an_undo_takes_back_what_was_made_and_no_more(
    ready, action, monkeypatch, number, when, undo_number, undo_when
):
    before = await state(ready)
    with monkeypatch.context() as cutting:
        cut(ready, cutting, number, when)
        with pytest.raises(ready.killed):
            await operations.apply(ready.ctx, action, ready.journal)
    with monkeypatch.context() as cutting:
        cut(ready, cutting, undo_number, undo_when)
        with suppress(ready.killed):
            await operations.undo(ready.ctx, action, ready.journal)
    ready.wire.fail = ""
    await operations.undo(ready.ctx, action, ready.journal)
    made = number - (when == "before write")
    assert len(ready.wire.writes) == 2 * made
    assert await state(ready) == before


async def test_an_object_of_that_name_is_not_taken_for_ours(ready):
    await ready.other().create(config(NEW, x="theirs"))
    with pytest.raises(ConflictError, match="ConfigMap/hotel/new was changed by somebody else"):
        await make(ready.kube, EDITS[1], None, "a1")
    assert (await exists(ready, NEW))["data"] == {"x": "theirs"}


async def test_a_created_object_that_was_replaced_is_left_alone(ready, action):
    await operations.apply(ready.ctx, action, ready.journal)
    await ready.other().delete(NEW)
    await ready.other().create(config(NEW, x="theirs"))
    await operations.undo(ready.ctx, action, ready.journal)
    assert (await exists(ready, NEW))["data"] == {"x": "theirs"}


async def test_a_patched_object_that_is_gone_is_said(ready, action):
    await operations.apply(ready.ctx, action, ready.journal)
    await ready.other().delete(GEO)
    with pytest.raises(ConflictError, match="Deployment/hotel/geo was deleted by somebody else"):
        await operations.undo(ready.ctx, action, ready.journal)
