"""How the arguments of a fault are drawn: a parameter's annotation says from what, a seed says which."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol, TypeVar, get_type_hints

from aiops.core.entity import Edge, Entity
from aiops.core.errors import ConfigurationError, NotPossibleError
from aiops.core.target import Target
from aiops.faults.kit.candidates import needed_calls, serving
from aiops.faults.kit.reliance import ENOUGH_RELY, share_of

T = TypeVar("T")

Reliance = Mapping[str, float]
NOTHING_KNOWN: Reliance = {}


class Draw(Protocol):
    """One way to draw an argument."""

    async def draw(self, target: Target, namespace: str, rng: Random, relied: Reliance = NOTHING_KNOWN) -> Any:
        """Raises `NotPossibleError` where the namespace has nothing that fits, and that users rely on."""
        ...

    def describe(self) -> str:
        """What it draws from, in a few words."""
        ...

    def parse(self, written: str | int) -> Any:
        """The argument that was written down as this. Raises `InvalidInputError`."""
        ...


@dataclass(frozen=True, slots=True)
class Pick:
    """An object of a kind that is in use."""

    kind: str

    async def draw(self, target: Target, namespace: str, rng: Random, relied: Reliance = NOTHING_KNOWN) -> Entity:
        found = await serving(target, self.kind, namespace)
        return rng.choice(_some(found, relied, self.describe(), namespace))

    def describe(self) -> str:
        return f"a {self.kind} in use"

    def parse(self, written: str | int) -> Entity:
        return Entity.parse(str(written))


@dataclass(frozen=True, slots=True)
class PickCall:
    """A call that a workload needs: a Deployment and the Service that its environment names."""

    async def draw(self, target: Target, namespace: str, rng: Random, relied: Reliance = NOTHING_KNOWN) -> Edge:
        return rng.choice(_some(await needed_calls(target, namespace), relied, self.describe(), namespace))

    def describe(self) -> str:
        return "a call from a Deployment to a Service"

    def parse(self, written: str | int) -> Edge:
        return read_edge(str(written))


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, both ends included."""

    low: int
    high: int

    async def draw(self, target: Target, namespace: str, rng: Random, relied: Reliance = NOTHING_KNOWN) -> int:  # noqa: ARG002 - needs no candidates
        return rng.randint(self.low, self.high)

    def describe(self) -> str:
        return f"{self.low}..{self.high}"

    def parse(self, written: str | int) -> int:
        return int(written)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some texts."""

    values: tuple[str, ...]

    async def draw(self, target: Target, namespace: str, rng: Random, relied: Reliance = NOTHING_KNOWN) -> str:  # noqa: ARG002 - needs no candidates
        return rng.choice(self.values)

    def describe(self) -> str:
        return " | ".join(self.values)

    def parse(self, written: str | int) -> str:
        return str(written)


@dataclass(frozen=True, slots=True)
class Choose:
    """One of what a function finds in the namespace."""

    what: str
    candidates: Callable[[Target, str], Awaitable[Sequence[Any]]]
    read: Callable[[str], Any]

    async def draw(self, target: Target, namespace: str, rng: Random, relied: Reliance = NOTHING_KNOWN) -> Any:
        return rng.choice(_some([*await self.candidates(target, namespace)], relied, self.what, namespace))

    def describe(self) -> str:
        return self.what

    def parse(self, written: str | int) -> Any:
        return self.read(str(written))


def choose(
    what: str, candidates: Callable[[Target, str], Awaitable[Sequence[Any]]], read: Callable[[str], Any]
) -> Choose:
    """Draw one of what `candidates(target, namespace)` gives, in its order; `read` turns its text into it again."""
    return Choose(what, candidates, read)


def read_edge(text: str) -> Edge:
    """The edge that is written so. Raises `InvalidInputError`."""
    source, _, target = text.partition(" -> ")
    return Edge(source=Entity.parse(source), target=Entity.parse(target))


def pick(kind: str) -> Pick:
    """Draw an object of a kind that is in use: a Service with ready endpoints, a Deployment with available pods."""
    return Pick(kind)


def pick_call() -> PickCall:
    """Draw a call that a workload needs."""
    return PickCall()


def whole(low: int, high: int) -> Whole:
    """Draw a whole number from `low` to `high`."""
    return Whole(low, high)


def one_of(*values: str) -> OneOf:
    """Draw one of these texts."""
    return OneOf(values)


def draws_of(function: Callable[..., Any]) -> dict[str, Draw]:
    """The draws in a fault's annotations, in order. Raises `ConfigurationError` where a parameter has none."""
    hints = get_type_hints(function, include_extras=True)
    draws: dict[str, Draw] = {}
    for name, hint in hints.items():
        if name in ("target", "return"):
            continue
        found = [extra for extra in getattr(hint, "__metadata__", ()) if hasattr(extra, "draw")]
        if len(found) != 1:
            raise ConfigurationError(f"{function.__name__}: parameter {name!r} does not say how it is drawn")
        draws[name] = found[0]
    return draws


async def draw_arguments(
    draws: dict[str, Draw], target: Target, namespace: str, rng: Random, relied: Reliance = NOTHING_KNOWN
) -> dict[str, Any]:
    """Draw every argument, in order: equal seeds and equal clusters give equal arguments. `relied` is what
    `Target.reliance` gives, where next to no request may rely on what is not to be drawn."""
    return {name: await draw.draw(target, namespace, rng, relied) for name, draw in draws.items()}


def _some(found: Sequence[T], relied: Reliance, what: str, namespace: str) -> list[T]:
    candidates = [each for each in found if share_of(str(each), relied) >= ENOUGH_RELY]
    if not candidates:
        raise NotPossibleError(f"namespace {namespace!r} has no candidate for {what}")
    return candidates
