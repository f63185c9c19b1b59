"""How the assistant is, and the switch that stops all changes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from aiops.server.requests import Actor, TheEngine
from aiops.watch.watcher import Watcher

router = APIRouter()


class KillSwitch(BaseModel):
    """Whether all changes are stopped, and by whom."""

    stopped: bool
    actor: str | None = None


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Is the process up? Open to everybody."""
    return {"status": "ok"}


@router.get("/api/status")
async def status(engine: TheEngine, request: Request) -> dict[str, Any]:
    """What the assistant sees of the cluster now, which limits hold, and how the watch stands; null: there is none."""
    watcher: Watcher | None = request.app.state.watcher
    return {**await engine.status(), "watch": watcher.status().model_dump() if watcher is not None else None}


@router.get("/api/kill-switch")
async def kill_switch(engine: TheEngine) -> KillSwitch:
    """Whether changes are stopped."""
    actor = engine.store.changes_stopped_by()
    return KillSwitch(stopped=actor is not None, actor=actor)


@router.put("/api/kill-switch")
async def stop_changes(engine: TheEngine, actor: Actor = "operator") -> KillSwitch:
    """Stop all changes at once, those that are approved and not yet made included."""
    engine.store.stop_changes(actor)
    return KillSwitch(stopped=True, actor=actor)


@router.delete("/api/kill-switch")
async def allow_changes(engine: TheEngine) -> KillSwitch:
    """Allow changes again; what was approved meanwhile is made."""
    engine.store.allow_changes()
    return KillSwitch(stopped=False)
