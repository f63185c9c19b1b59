"""Shares of a run: they are what a run on this machine is, in other places."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from aiops.bench.admission_cache import AdmissionCache, code_hash
from aiops.bench.line import Line
from aiops.bench.on_ray import RayPlaces
from aiops.bench.record import Admission
from aiops.bench.runner import Runner
from aiops.bench.scenario import Scenario
from aiops.bench.sharing import MOST, Share, SharedRunner, ShareError, parts, play, play_in_a_process
from aiops.core.errors import ConfigurationError

CALM = Scenario(kind="none", case="harmless_deploy", application="hotel", seed=1, calm=15.0)
PORT = Scenario(kind="fault", case="wrong_target_port", application="hotel", seed=1, calm=60.0)
REFUSED = Admission(admitted=False, reason="nobody feels it")


class Processes:
    """Plays one share after the other, each in a process on this machine."""

    def play(self, shares: Iterable[str], at_once: int) -> Iterator[tuple[int, str | ShareError]]:
        for number, share in enumerate(shares):
            try:
                yield number, play_in_a_process(share)
            except ShareError as error:
                yield number, error


def share_of(scenarios: tuple[Scenario, ...], **changed: object) -> Share:
    share = Share(code=code_hash(), agent="noop", scenarios=scenarios, known={PORT.id: REFUSED}, limit=100.0)
    return share.model_copy(update=changed)


def test_worlds_stay_together_and_large_ones_are_cut() -> None:
    other = [PORT.model_copy(update={"seed": 2, "case": f"c{number}"}) for number in range(MOST + 1)]
    found = parts([PORT, CALM, *other])
    assert [len(part) for part in found] == [2, MOST, 1]
    assert [one for part in found for one in part] == [PORT, CALM, *other]


def test_what_is_known_is_not_asked_again() -> None:
    played = play(share_of((PORT,), agent=None))
    assert [line["reason"] for line in played.lines] == ["nobody feels it"]
    assert played.found == {PORT.id: REFUSED}


def test_another_version_refuses() -> None:
    with pytest.raises(ShareError, match="another version of aiops"):
        play(share_of((PORT,), code="other"))


def test_a_share_that_fails_gives_error_lines(tmp_path: Path) -> None:
    class Down:
        def play(self, shares: Iterable[str], at_once: int) -> Iterator[tuple[int, str | ShareError]]:
            yield from ((number, ShareError("the machine is off")) for number, _ in enumerate(shares))

    lines: list[Line] = []
    SharedRunner("noop", AdmissionCache(tmp_path), Down(), 2, 100.0).run([PORT, CALM], lines.append)
    assert [(line["scenario"], line["error"]) for line in lines] == [
        (PORT.id, "the machine is off"),
        (CALM.id, "the machine is off"),
    ]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_shared_run_gives_the_lines_of_a_run_here(tmp_path: Path) -> None:
    here: list[Line] = []
    shared: list[Line] = []
    first, second = AdmissionCache(tmp_path / "first"), AdmissionCache(tmp_path / "second")
    for known in (first, second):
        known.put(PORT, REFUSED)
    Runner("noop", first, 1).run([PORT, CALM], here.append)
    SharedRunner("noop", second, Processes(), 1, 100.0).run([PORT, CALM], shared.append)
    assert [without_wall(line) for line in shared] == [without_wall(line) for line in here]
    assert first.get(CALM) is not None
    assert second.get(CALM) == first.get(CALM)


def without_wall(line: Line) -> Line:
    return {key: value for key, value in line.items() if key != "wall_seconds"}


def test_without_ray_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigurationError, match=r"--on ray: Ray is not installed: pip install 'aiops\[ray\]'"):
        RayPlaces()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(find_spec("ray") is None, reason="the extra 'ray' is missing")
def test_a_ray_cluster_plays_shares() -> None:
    places = RayPlaces()
    shares = [share_of((PORT,), agent=None), share_of((PORT,), code="other")]
    found = dict(places.play([each.model_dump_json() for each in shares], 2))
    assert isinstance(found[0], str)
    assert '"nobody feels it"' in found[0]
    assert isinstance(found[1], ShareError)
    assert "another version of aiops" in str(found[1])
