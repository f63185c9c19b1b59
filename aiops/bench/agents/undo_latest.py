"""Undoes the newest change."""

from __future__ import annotations

from aiops.bench.agents.registry import Claim, Room, agent
from aiops.bench.agents.strategy import Strategy
from aiops.core.changes import Change
from aiops.core.errors import AiopsError
from aiops.faults.restoring import restore_object
from aiops.watch.history import CHANGES_FILE
from aiops.watch.recorder import ChangeRecorder

CONTROLLERS = ("kube-controller-manager", "kube-scheduler", "kubelet", "kube-apiserver")
LOOK_BACK = 3600.0

MECHANISMS = {
    "Service": "config.target_port",
    "ConfigMap": "config.missing_key",
    "NetworkPolicy": "network.policy",
    "Ingress": "tls.certificate_expired",
    "Role": "auth.rbac_denied",
    "RoleBinding": "auth.rbac_denied",
    "Deployment": "app.version",
}
"""What a change to an object of a kind most often breaks."""


@agent("undo-latest")
class UndoLatest(Strategy):
    """Undoes the newest change that a person made; it has watched all objects from the start."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self._recorder = ChangeRecorder(room.access.kube, room.clock, room.directory / CHANGES_FILE, room.namespaces)

    async def start(self) -> None:
        await self._recorder.start()

    async def act(self) -> None:
        self.said = Claim(fault=False, state="nothing was changed")
        now = self.room.clock.now()
        for change in await self._recorder.changes(now - LOOK_BACK, now, self.room.namespaces):
            if change.actor not in CONTROLLERS and change.entity.kind != "Secret":
                await self._undo(change)
                return

    async def _undo(self, change: Change) -> None:
        entity = change.entity
        try:
            await restore_object(self.room.access.kube, entity, await self._recorder.version_before(entity, change.at))
            state = f"undid the newest change, of {entity}"
        except AiopsError as error:
            state = f"could not undo the newest change: {error}"
        self.said = Claim(fault=True, subject=str(entity), mechanism=MECHANISMS.get(entity.kind), state=state)

    async def stop(self) -> None:
        await self._recorder.stop()
