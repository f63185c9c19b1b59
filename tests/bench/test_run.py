"""Whole scenarios on a real world: admission, agents, equal lines, forks that die."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from aiops.bench import forks, runner
from aiops.bench.admission import admit
from aiops.bench.admission_cache import AdmissionCache
from aiops.bench.line import Line, of_record
from aiops.bench.play import play
from aiops.bench.record import Admission
from aiops.bench.runner import Runner
from aiops.bench.scenario import Scenario
from aiops.core.clock import refuse_while_holding
from aiops.core.errors import AiopsError
from aiops.lab.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PORT = Scenario(kind="fault", case="wrong_target_port", application="hotel", seed=1, calm=60.0)
DECOYED = PORT.model_copy(update={"decoys": ("new_config_map", "more_memory")})
CALM = Scenario(kind="none", case="harmless_deploy", application="hotel", seed=1, calm=60.0)
ADMITTED = Admission(admitted=True, idle=(0.44,) * 40)


@pytest.fixture(autouse=True)
def same_world(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner's worlds are this one: every scenario is played in a fork."""
    monkeypatch.setattr(runner, "warmed", lambda *_, **__: world)


def line_of(world: World, scenario: Scenario, agent: str, folder: Path) -> Line:
    folder.mkdir()
    played = forks.run(lambda: of_record(asyncio.run(play(world, scenario, agent, ADMITTED, folder))), 120.0)
    found: Line = played
    return found


def ran(agent: str, scenarios: list[Scenario], folder: Path, *, jobs: int = 2, limit: float = 120.0) -> list[Line]:
    cache = AdmissionCache(folder)
    for scenario in scenarios:
        cache.put(scenario, ADMITTED)
    lines: list[Line] = []
    Runner(agent, cache, jobs, limit=limit).run(scenarios, lines.append)
    return sorted(lines, key=lambda line: str(line["scenario"]))


def test_a_scenario_is_admitted_and_one_that_nobody_feels_is_not(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def admitted(scenario: Scenario, name: str) -> Admission:
        folder = tmp_path / name
        folder.mkdir()
        return Admission.model_validate(forks.run(lambda: admit(world, scenario, folder).model_dump(), 200.0))

    found = admitted(PORT, "felt")
    assert (found.admitted, found.reason) == (True, "")
    assert len(found.idle) == 40
    assert min(found.idle) < 0.9
    assert found.related
    monkeypatch.setattr("aiops.bench.course.inject_drawn", _harmless)
    assert admitted(PORT, "unfelt").reason == "nobody feels it"


def test_an_agent_without_metrics_gets_no_answer_from_prometheus(world: World, tmp_path: Path) -> None:
    with_all = line_of(world, PORT, "single-metric", tmp_path / "all")
    without = line_of(world, PORT, "single-metric without metrics", tmp_path / "without")
    assert with_all["error"] is None
    assert (with_all["detected"], without["detected"]) == (True, False)
    assert without["error"] is None


async def _harmless(fault: Any, kube: Any, journal: Path, namespace: str, seed: int, plane: Any) -> Any:
    """An injection that changes nothing that matters."""
    from aiops.faults.injection import inject_drawn

    injection = await inject_drawn(fault, kube, journal, namespace, seed, plane)
    from aiops.faults.injection import revert

    await revert(kube, journal, injection.id, plane)
    return injection


def test_who_does_nothing_solves_nothing_and_harms_nobody(world: World, tmp_path: Path) -> None:
    line = line_of(world, PORT, "noop", tmp_path / "a")
    assert (line["detected"], line["mitigated"], line["harmed"], line["actions"]) == (False, False, False, [])
    assert line["truth"]["mechanism"] == "config.target_port"  # type: ignore[index, call-overload]


def test_undoing_the_newest_change_is_right_until_an_innocent_one_comes(world: World, tmp_path: Path) -> None:
    line = line_of(world, PORT, "undo-latest", tmp_path / "a")
    assert (line["localized"], line["mitigated"], line["harmed"]) == (True, True, False)
    decoyed = line_of(world, DECOYED, "undo-latest", tmp_path / "b")
    assert (decoyed["localized"], decoyed["mitigated"]) == (False, False)
    assert set(decoyed["decoys"]) == {"new_config_map", "more_memory"}  # type: ignore[arg-type]
    assert decoyed["safety"]["needless"]  # type: ignore[index, call-overload]


def test_equal_scenarios_give_equal_lines_in_any_order_on_any_number_of_jobs(tmp_path: Path) -> None:
    one = ran("supervisor", [PORT, CALM], tmp_path / "one", jobs=1)
    two = ran("supervisor", [CALM, PORT], tmp_path / "two", jobs=2)
    assert [{**line, "wall_seconds": 0} for line in one] == [{**line, "wall_seconds": 0} for line in two]
    calm, port = one
    assert (calm["detected"], calm["changed"]) == (False, False)
    assert (port["localized"], port["mechanism"], port["mitigated"], port["harmed"]) == (True, True, True, False)


class _OnlyWhileTimeStands(ThreadPoolExecutor):
    """Notes what is done in a thread while others may let simulated time pass: how much would depend on the machine."""

    def __init__(self) -> None:
        super().__init__(max_workers=2)
        self.loose: list[str] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        try:
            refuse_while_holding()
        except AiopsError:
            return super().submit(fn, *args, **kwargs)
        self.loose.append(repr(fn))
        return super().submit(fn, *args, **kwargs)


def test_whatever_runs_in_a_thread_runs_while_time_stands(world: World, tmp_path: Path) -> None:
    async def watched() -> list[str]:
        executor = _OnlyWhileTimeStands()
        asyncio.get_running_loop().set_default_executor(executor)
        await play(world, PORT, "supervisor", ADMITTED, tmp_path)
        return executor.loose

    assert forks.run(lambda: asyncio.run(watched()), 120.0) == []


def test_what_is_known_needs_no_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a world was made")

    monkeypatch.setattr(runner, "warmed", never)
    cache = AdmissionCache(tmp_path)
    cache.put(PORT, ADMITTED)
    cache.put(CALM, Admission(admitted=False, reason="nobody feels it"))
    lines: list[Line] = []
    Runner(None, cache, 2).run([PORT, CALM], lines.append)
    assert [(line["case"], line["admitted"], line["reason"]) for line in lines] == [
        (PORT.case, True, ""),
        (CALM.case, False, "nobody feels it"),
    ]


Fate = Callable[..., Any]


@pytest.mark.parametrize(
    ("fate", "told"),
    [
        (lambda *_: os.kill(os.getpid(), signal.SIGKILL), "ended by SIGKILL"),
        (lambda *_: signal.pause(), "not done after 1 s"),
        (lambda *_: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_fork_that_dies_gives_a_line_and_stops_nobody(
    fate: Fate, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_one", fate)
    lines = ran("noop", [PORT, CALM], tmp_path, limit=1.0)
    assert len(lines) == 2
    assert all(told in str(line["error"]) for line in lines)


def test_an_interrupt_keeps_what_was_done_and_ends_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_one", lambda *_: signal.pause())

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(forks, "ready", interrupted)
    playing = Runner("noop", AdmissionCache(tmp_path), 2)
    with pytest.raises(KeyboardInterrupt):
        playing.run([PORT, CALM], lambda _: None)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_nothing_is_left_of_a_run_whose_forks_were_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(runner, "MEMORY", memory)

    def killed(*arguments: Any) -> None:
        with runner._private_folder(arguments[-1]) as folder:
            (folder / "state").touch()
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(runner, "_one", killed)
    assert len(ran("noop", [PORT, CALM], tmp_path / "cache")) == 2
    assert list(memory.iterdir()) == []
