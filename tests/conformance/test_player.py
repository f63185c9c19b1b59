"""The player on the lab: what a script asks is asked, what it keeps is used, what it waits for is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.compare import Comparison, Difference, differences, table
from tests.conformance.lab import lab_cluster
from tests.conformance.player import MISSING, Played, Player
from tests.conformance.recording import Recording, another_kubectl, steps_of
from tests.conformance.script import Script, ScriptError, load_script

SCRIPT = """
about: A test.
namespaces: [test-player]
steps:
- id: create
  request: POST /api/v1/namespaces/${ns}/configmaps
  body: {metadata: {generateName: one-}, data: {a: b}}
  keep: {name: metadata.name, rv: metadata.resourceVersion}
- id: as-viewer
  request: DELETE /api/v1/namespaces/${ns}/configmaps/${name}
  as: viewer
- id: with-token
  request: GET /api/v1/namespaces/${ns}/configmaps?limit=1
  query: {labelSelector: a}
  headers: {Authorization: Bearer nonsense}
- id: seen
  watch: /api/v1/namespaces/${ns}/configmaps?resourceVersion=${rv}
  until: {any: {type: DELETED}}
  steps:
  - id: delete
    request: DELETE /api/v1/namespaces/${ns}/configmaps/${name}
  - id: another
    request: POST /api/v1/namespaces/${ns}/configmaps
    body: {metadata: {name: later}}
- id: gone
  wait: /api/v1/namespaces/${ns}/configmaps/${name}
  until: gone
- id: end
  state: ["/api/v1/namespaces/${ns}/configmaps/later"]
"""


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return _script(tmp_path, SCRIPT)


def _script(folder: Path, text: str) -> Script:
    path = folder / "area" / "name.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return load_script(path)


async def _play(folder: Path, script: Script, *, strict: bool = True) -> list[Played]:
    async with lab_cluster(folder) as lab:
        return await Player(lab, folder, script, strict=strict).play()


async def test_every_kind_of_step(script: Script, tmp_path: Path) -> None:
    played = await _play(tmp_path, script)
    answers = {step["id"]: step["answer"] for step in steps_of(script, played)}
    assert list(answers) == ["create", "as-viewer", "with-token", "delete", "another", "seen", "gone", "end"]
    assert answers["create"]["body"]["metadata"]["name"] == "one-<x>"
    assert 'User "viewer" cannot delete' in answers["as-viewer"]["body"]["message"]
    assert answers["with-token"]["status"] == 401
    assert [event["type"] for event in answers["seen"]["events"]] == ["DELETED"], "what comes later is chance"
    assert answers["gone"] == {"met": True}
    (state,) = answers["end"]["state"].values()
    assert state["metadata"]["name"] == "later"


async def test_a_script_twice_gives_the_same_answers(script: Script, tmp_path: Path) -> None:
    first = steps_of(script, await _play(tmp_path, script))
    assert steps_of(script, await _play(tmp_path, script)) == first


async def test_what_is_not_there_to_be_kept(tmp_path: Path) -> None:
    text = "about: x\nsteps:\n- {request: GET /nothing, keep: {a: b.c}}\n- {id: next, request: 'GET /api/${a}'}"
    script = _script(tmp_path, text)
    with pytest.raises(ScriptError, match=r"nothing at b\.c to keep"):
        await _play(tmp_path, script)
    played = await _play(tmp_path, script, strict=False)
    assert len(played) == 2, f"the second asks for {MISSING}"
    unknown = _script(tmp_path, "about: x\nsteps: [{request: 'GET /${nowhere}'}]")
    with pytest.raises(ScriptError, match="nothing is kept as 'nowhere'"):
        await _play(tmp_path, unknown, strict=False)


async def test_a_wait_in_vain_ends(tmp_path: Path) -> None:
    script = _script(tmp_path, "about: x\nsteps: [{wait: /api/v1/namespaces/default, until: gone}]")
    (played,) = await _play(tmp_path, script)
    assert played.answer["met"] is False
    assert played.answer["last"]["status"] == 200


def test_differences_are_named_and_counted() -> None:
    old = [{"id": "a", "answer": {"status": 200}}, {"id": "b", "answer": {"status": 404}}]
    new = [{"id": "a", "answer": {"status": 200}}, {"id": "b", "answer": {"status": 200}}]
    (found,) = differences("area/name", old, new)
    assert found.step == "area/name#b"
    assert {'- "status": 404', '+ "status": 200'} <= set(found.lines)
    comparisons = [
        Comparison("a/x", 3, (found,)),
        Comparison("a/y", 2, ()),
        Comparison("b/x", 1, (Difference("", ()),)),
    ]
    assert table(comparisons) == [("a", 4, 5), ("b", 0, 1), ("all", 4, 6)]


def test_what_kubectl_prints_is_compared_with_the_same_kubectl_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with_kubectl = Recording("v1.36.3", "v1.1.9", [{"asked": {"kubectl": "get pods"}}])
    without = Recording("v1.36.3", "v1.1.9", [{"asked": {"request": "GET /"}}])
    assert (with_kubectl.needs, without.needs) == ("v1.1", "")
    assert another_kubectl(without) == ""
    assert "the recording was made with v1.1.9" in another_kubectl(with_kubectl)
    monkeypatch.setenv("PATH", "")
    assert another_kubectl(with_kubectl) == "kubectl is not on the PATH"
