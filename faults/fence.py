"""How far an injection may reach."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError


@dataclass(slots=True)
class Fence:
    """Writes to objects of `namespace` alone (None: of any, and of no namespace), and to at most `objects` of them."""

    namespace: str | None = None
    objects: int | None = None
    _met: set[Entity] = field(default_factory=set)

    def check(self, entity: Entity) -> None:
        """Raises `NotPossibleError` where a write to the object would reach too far."""
        if self.namespace is not None and entity.namespace != self.namespace:
            raise NotPossibleError(f"{entity} is outside of namespace {self.namespace!r}, which alone may be broken")
        if self.objects is not None and len(self._met | {entity}) > self.objects:
            raise NotPossibleError(f"{entity} would be one object more than the {self.objects} that may be broken")
        self._met.add(entity)
