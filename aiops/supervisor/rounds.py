"""What the specialists of one round of investigation read with: they look at one moment, so each thing is read once."""

from __future__ import annotations

from aiops.tools.kit.context import Context


class Rounds:
    """The rounds under way in this process, one an incident at most."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._looks: dict[str, Context] = {}

    def look(self, incident: str) -> Context:
        """The one look that the specialists of an incident share until `end`."""
        if incident not in self._looks:
            self._looks[incident] = self._context.reading_once()
        return self._looks[incident]

    def end(self, incident: str) -> None:
        """Forget what was read, if anything was: the next look is a new one."""
        self._looks.pop(incident, None)
