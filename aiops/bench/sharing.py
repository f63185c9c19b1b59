"""Shares of a run that other machines play: some scenarios of one world, and what is known of them.

A share travels as JSON. A machine plays it in a process of its own, which has one thread and can fork.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue

from aiops.bench import line
from aiops.bench.admission_cache import AdmissionCache, code_hash
from aiops.bench.agents.loading import agent_of
from aiops.bench.line import Line
from aiops.bench.record import Admission
from aiops.bench.runner import Runner
from aiops.bench.scenario import Scenario
from aiops.core.errors import AiopsError
from aiops.core.model import Value

MOST = 8
"""Scenarios of a share: as many as make its world worth warming."""

TOLD = 400
"""Characters of the last line of a process that failed."""


class ShareError(AiopsError):
    """A share could not be played; the message says why."""


class Share(Value):
    """`code` is the state of the code that hands it out, `known` are admissions by the scenario's id, `limit` the wall
    seconds of a scenario. `agent` None: scenarios are only admitted."""

    code: str
    agent: str | None
    scenarios: tuple[Scenario, ...]
    known: dict[str, Admission]
    limit: float


class Played(Value):
    """`found` are all admissions of the share, by the scenario's id."""

    lines: tuple[dict[str, JsonValue], ...]
    found: dict[str, Admission]


class Places(Protocol):
    """Where shares are played."""

    def play(self, shares: Iterable[str], at_once: int) -> Iterator[tuple[int, str | ShareError]]:
        """The number of each share and what `play_in_a_process` gave of it, as they come; so many at the same time."""
        ...


class SharedRunner:
    """As `Runner`, in other places."""

    def __init__(self, agent: str | None, cache: AdmissionCache, places: Places, at_once: int, limit: float) -> None:
        self._agent = agent
        self._cache = cache
        self._places = places
        self._at_once = at_once
        self._limit = limit

    def run(self, scenarios: Sequence[Scenario], done: Callable[[Line], None]) -> None:
        """Play all; `done` gets each line as it comes."""
        shares = [self._share(part) for part in parts(scenarios)]
        for number, played in self._places.play((each.model_dump_json() for each in shares), self._at_once):
            for told in self._taken_in(shares[number], played):
                done(told)

    def _share(self, scenarios: tuple[Scenario, ...]) -> Share:
        known = {one.id: found for one in scenarios if (found := self._cache.get(one)) is not None}
        return Share(code=code_hash(), agent=self._agent, scenarios=scenarios, known=known, limit=self._limit)

    def _taken_in(self, share: Share, played: str | ShareError) -> list[Line]:
        if isinstance(played, ShareError):
            return [{"agent": self._agent, **line.of_error(each, str(played))} for each in share.scenarios]
        result = Played.model_validate_json(played)
        for scenario in share.scenarios:
            if scenario.id in result.found:
                self._cache.put(scenario, result.found[scenario.id])
        return [dict(each) for each in result.lines]


def parts(scenarios: Sequence[Scenario]) -> list[tuple[Scenario, ...]]:
    """Neighbours of one world, few enough that all places have something to do."""
    found: list[tuple[Scenario, ...]] = []
    for _, group in groupby(scenarios, key=lambda one: one.world):
        world = list(group)
        found += [tuple(world[start : start + MOST]) for start in range(0, len(world), MOST)]
    return found


def play(share: Share) -> Played:
    """Play a share here. Raises `ShareError` where the code is another one than whoever handed it out has."""
    if share.code != code_hash():
        raise ShareError("this machine has another version of aiops: its scenarios would not be the same")
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as folder:
        cache = AdmissionCache(Path(folder))
        for scenario in share.scenarios:
            if scenario.id in share.known:
                cache.put(scenario, share.known[scenario.id])
        agent = agent_of(share.agent).configured() if share.agent is not None else None
        Runner(agent, cache, 1, limit=share.limit).run(share.scenarios, lines.append)
        found = {one.id: admission for one in share.scenarios if (admission := cache.get(one)) is not None}
    return Played(lines=tuple(lines), found=found)


def play_in_a_process(share: str) -> str:
    """A share and what came of it, both as JSON. Raises `ShareError` with the last line of a process that failed."""
    command = [sys.executable, "-m", __name__]
    done = subprocess.run(command, input=share, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        said = done.stderr.strip().splitlines() or [""]
        raise ShareError(f"a process ended with code {done.returncode}: {said[-1][:TOLD]}")
    return done.stdout


if __name__ == "__main__":
    sys.stdout.write(play(Share.model_validate_json(sys.stdin.read())).model_dump_json())
