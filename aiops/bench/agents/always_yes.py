"""Says that something is wrong, whatever there is."""

from __future__ import annotations

from aiops.bench.agents.registry import Claim, agent
from aiops.bench.agents.strategy import Strategy
from aiops.core.mechanism import Mechanism


@agent("always-yes")
class AlwaysYes(Strategy):
    """Says that there is a fault, guesses the object that the first alert names, and changes nothing."""

    async def act(self) -> None:
        subject = f"Deployment/{self.room.namespace}/{self._named() or 'frontend'}"
        self.said = Claim(fault=True, subject=subject, mechanism=Mechanism.CONFIG_ENV_VALUE.value, state="guessed")

    def _named(self) -> str:
        for notification in self.room.alerts:
            for alert in notification["alerts"]:
                for label in ("deployment", "service"):
                    if name := alert["labels"].get(label):
                        return str(name)
        return ""
