"""Who writes to the store at this moment, and what they are to be told besides the answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiops.lab.kube.access.user import API_SERVER, User


@dataclass(slots=True)
class Writer:
    """The user behind a write. `warnings` go into the answer's `Warning` headers."""

    user: User = API_SERVER
    warnings: list[str] = field(default_factory=list)

    def warn(self, text: str) -> None:
        """Tell the writer something once."""
        if text not in self.warnings:
            self.warnings.append(text)
