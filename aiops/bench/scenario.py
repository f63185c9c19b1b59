"""What is played: a case, a seed, an application, and what happens beside it. All of it follows from the seed."""

from __future__ import annotations

from random import Random
from typing import Literal

from pydantic import Field

from aiops.core.model import Value

Kind = Literal["fault", "none"]

CALM = (60, 240)
"""Simulated seconds, in whole scrapes, between an agent's start and the onset."""

SCRAPE = 15


class Scenario(Value):
    """`case` is a fault's name or that of a case without one. `calm` is in simulated seconds. `decoys` name innocent
    changes, made after the onset. `renamed` is the seed of other names for what the application consists of (None: its
    own), `load` a multiple of its usual rate of requests."""

    kind: Kind
    case: str
    application: str
    seed: int
    calm: float
    decoys: tuple[str, ...] = ()
    renamed: int | None = None
    load: float = Field(default=1.0, gt=0)

    @property
    def id(self) -> str:
        """`application/case/seed`."""
        return f"{self.application}/{self.case}/{self.seed}"

    @property
    def world(self) -> tuple[str, int, int | None, float]:
        """Scenarios with the same of these share a world before their onset."""
        return self.application, self.seed, self.renamed, self.load

    def rng(self, purpose: str) -> Random:
        """Random numbers for one purpose, so that another purpose moves none of them."""
        return Random(f"{self.id}:{purpose}")


def drawn(kind: Kind, case: str, application: str, seed: int, decoys: list[str], *, with_decoys: bool) -> Scenario:
    """A scenario with what its seed draws: how long it is calm, which one or two decoys come."""
    bare = Scenario(kind=kind, case=case, application=application, seed=seed, calm=0)
    calm = bare.rng("calm").randrange(CALM[0], CALM[1] + 1, SCRAPE)
    rng = bare.rng("decoys")
    chosen = tuple(rng.sample(decoys, rng.randint(1, 2))) if with_decoys else ()
    return bare.model_copy(update={"calm": float(calm), "decoys": chosen})
