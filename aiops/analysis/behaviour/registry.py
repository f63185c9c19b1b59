"""The checks of behaviour: what one returns, and how it is registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aiops.analysis.behaviour.picture import Picture
from aiops.core.entity import Entity, Subject
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.registry import Registry


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a check saw at `subject`, by its signal of this name: `score` in 0..1 tells how far from normal that is.

    `summary` is one sentence; `blames` is what it speaks for, which may be something else than where it was seen."""

    subject: Entity
    signal: str
    summary: str
    observed: str
    baseline: str
    score: float
    blames: tuple[Hypothesis, ...]


Check = Callable[[Picture], Iterable[Sighting]]


@dataclass(frozen=True, slots=True)
class NamedCheck:
    """A check with its name."""

    name: str
    run: Check


BEHAVIOURS: Registry[NamedCheck] = Registry("check of behaviour", "aiops.analysis.behaviour.checks")


def behaviour(name: str) -> Callable[[Check], Check]:
    """Register a function as a check of behaviour. Its docstring says what it looks for."""

    def register(function: Check) -> Check:
        BEHAVIOURS.add(name, NamedCheck(name, function))
        return function

    return register


def blames(subject: Subject, mechanism: Mechanism, strength: float) -> tuple[Hypothesis, ...]:
    """The one hypothesis of a sighting."""
    return (Hypothesis(subject=subject, mechanism=mechanism, strength=strength),)


def run_all(picture: Picture) -> list[Sighting]:
    """The sightings of every check, by the check's name."""
    return [sighting for check in BEHAVIOURS for sighting in check.run(picture)]
