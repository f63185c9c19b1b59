"""Plays scenarios in forks of warmed worlds, some at a time."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from aiops.bench import forks, line
from aiops.bench.admission import admit
from aiops.bench.admission_cache import AdmissionCache
from aiops.bench.agents.registry import Entry
from aiops.bench.lab_failures import lab_failures
from aiops.bench.line import Line
from aiops.bench.play import play
from aiops.bench.record import Admission
from aiops.bench.scenario import Scenario
from aiops.bench.stage import warmed
from aiops.lab.world import World

WALL_LIMIT = 300.0
"""Wall seconds that a scenario may take, its admission included; a hung one is killed and gives an error line."""

POLL = 0.5
MEMORY = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
"""Where the state of a run is kept where there is such a place: nothing of it outlives the run."""

Done = Callable[[Line], None]


class Runner:
    """`agent` None: scenarios are only admitted."""

    def __init__(
        self, agent: str | Entry | None, cache: AdmissionCache, jobs: int, *, limit: float = WALL_LIMIT
    ) -> None:
        self._agent = agent
        self._name = agent.name if isinstance(agent, Entry) else agent
        self._cache = cache
        self._jobs = jobs
        self._limit = limit
        self._running: dict[int, tuple[Scenario, forks.Fork]] = {}

    def run(self, scenarios: Sequence[Scenario], done: Done) -> None:
        """Play all; `done` gets each line as it comes. An interrupt ends the forks and goes on to the caller."""
        with tempfile.TemporaryDirectory(prefix="aiops-bench-", dir=MEMORY if MEMORY.is_dir() else None) as name:
            self._run(scenarios, done, Path(name))  # a fork that is killed leaves its files: they go with the folder

    def _run(self, scenarios: Sequence[Scenario], done: Done, folder: Path) -> None:
        try:
            for place, group in groupby(self._unknown(scenarios, done), key=lambda one: one.world):
                world = warmed(*place, monitored=self._agent is not None)
                for scenario in group:
                    self._make_room(done, self._jobs - 1)
                    self._start(world, scenario, folder)
            self._make_room(done, 0)
        finally:
            for _, fork in self._running.values():
                fork.end()
            self._running.clear()

    def _unknown(self, scenarios: Sequence[Scenario], done: Done) -> Iterator[Scenario]:
        """What has to be played: where scenarios are only admitted, one that is known is done at once."""
        for scenario in scenarios:
            known = self._cache.get(scenario) if self._agent is None else None
            if known is None:
                yield scenario
            else:
                done({"agent": self._name, **line.of_refused(scenario, known), "wall_seconds": 0.0})

    def _start(self, world: World, scenario: Scenario, folder: Path) -> None:
        known = self._cache.get(scenario)
        fork = forks.start(lambda: _one(world, scenario, self._agent, known, folder), self._limit, group=True)
        self._running[fork.pid] = (scenario, fork)

    def _make_room(self, done: Done, at_most: int) -> None:
        """Take in results until at most this many forks run."""
        while len(self._running) > at_most:
            for fork in forks.ready([fork for _, fork in self._running.values()], POLL):
                scenario, _ = self._running.pop(fork.pid)
                done(self._finished(scenario, fork))
            for scenario, fork in list(self._running.values()):
                if fork.overdue:
                    del self._running[fork.pid]
                    fork.end()
                    late = line.of_error(scenario, f"not done after {self._limit:.0f} s")
                    done({"agent": self._name, **late})

    def _finished(self, scenario: Scenario, fork: forks.Fork) -> Line:
        return {"agent": self._name, **self._result(scenario, fork)}

    def _result(self, scenario: Scenario, fork: forks.Fork) -> Line:
        seconds = round(fork.watch.seconds(), 2)
        try:
            result = fork.result()
        except forks.ForkError as error:
            return {**line.of_error(scenario, str(error)), "wall_seconds": seconds}
        self._cache.put(scenario, Admission.model_validate(result["admission"]))
        _import(result["modules"])
        return {**result["line"], "wall_seconds": seconds}


def _one(
    world: World, scenario: Scenario, agent: str | Entry | None, known: Admission | None, home: Path
) -> dict[str, Any]:
    """In a fork: admit the scenario where that is not known, then play it. It does not count where the lab fails."""
    loaded = frozenset(sys.modules)
    with _private_folder(home) as folder, lab_failures(folder) as failed:
        if known is None:
            (folder / "admission").mkdir()
            found = forks.run(lambda: admit(world, scenario, folder / "admission").model_dump(mode="json"), WALL_LIMIT)
            known = _sound(Admission.model_validate(found), failed())
        admission = known.model_dump(mode="json")
        if agent is not None and known.admitted:
            written = line.of_record(asyncio.run(play(world, scenario, agent, known, folder)))
            known = _sound(known, failed())
        if agent is None or not known.admitted:
            written = line.of_refused(scenario, known)
    return {"admission": admission, "line": written, "modules": [name for name in sys.modules if name not in loaded]}


def _sound(admission: Admission, failure: str) -> Admission:
    """The admission; refused where the lab's control plane failed."""
    if not failure:
        return admission
    return admission.model_copy(update={"admitted": False, "reason": f"the lab failed: {failure}"})


def _import(modules: Sequence[str]) -> None:
    """Load here what a fork had to load, so that the next ones have it: half a second of each."""
    for name in modules:
        if name not in sys.modules:
            with suppress(ImportError):
                importlib.import_module(name)


@contextmanager
def _private_folder(home: Path) -> Iterator[Path]:
    """A new folder, in which no settings of the user are found: neither a file nor the environment."""
    for name in [name for name in os.environ if name.startswith("AIOPS_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(dir=home) as name:
        os.chdir(name)
        try:
            yield Path(name)
        finally:
            os.chdir("/")
