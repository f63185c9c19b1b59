"""The format of scripts: what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.script import SCRIPTS, ScriptError, arguments, as_text, find_scripts, load_script

WHOLE = """
about: A test.
namespaces: [area-one, area-two]
cleanup: [/api/v1/nodes/area-1]
nodes: shown
alone: true
steps:
- id: first
  request: GET /api
  as: viewer
- watch: /api/v1/pods
  until: {count: 1}
  steps:
  - id: inner
    kubectl: get pods -o 'jsonpath={.items[0].metadata.name}'
    keep: {name: stdout}
- state: [/api]
"""


@pytest.fixture
def write(tmp_path: Path):
    def _write(text: str) -> Path:
        path = tmp_path / "area" / "name.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return _write


def test_a_script_is_read_whole(write):
    script = load_script(write(WHOLE))
    assert (script.name, script.area, script.namespaces) == ("area/name", "area", ("area-one", "area-two"))
    assert (script.cleanup, script.nodes_shown, script.alone) == (("/api/v1/nodes/area-1",), True, True)
    assert [step.id for step in script.flat()] == ["first", "inner", "step-2", "step-4"]
    first, inner, watch, _ = script.flat()
    assert first.asked() == {"request": "GET /api", "as": "viewer"}
    assert watch.asked() == {"watch": "/api/v1/pods", "until": {"count": 1}}
    assert arguments(inner.text)[-1] == "jsonpath={.items[0].metadata.name}"


@pytest.mark.parametrize(
    "text",
    [
        "steps: [{request: GET /api}]",
        "about: x\nnonsense: 1\nsteps: [{request: GET /api}]",
        "about: x\nsteps: []",
        "about: x\nsteps: [text]",
        "about: x\nsteps: [{id: a}]",
        "about: x\nsteps: [{request: GET /api, kubectl: get pods}]",
        "about: x\nsteps: [{request: GET /api, until: gone}]",
        "about: x\nsteps: [{request: GET /api, as: nobody}]",
        "about: x\nsteps: [{wait: /api}]",
        "about: x\nsteps: [{id: a, request: GET /api}, {id: a, request: GET /api}]",
        "about: [",
        "- 1",
    ],
)
def test_what_is_no_script_is_refused(write, text):
    with pytest.raises(ScriptError, match="area/name"):
        load_script(write(text))


def test_scripts_are_found_by_name_and_by_area():
    assert len(find_scripts([])) == len(list(SCRIPTS.glob("*/*.yaml")))
    assert [script.name for script in find_scripts(["basics/patches"])] == ["basics/patches"]
    assert {script.area for script in find_scripts(["basics"])} == {"basics"}
    with pytest.raises(ScriptError, match="no script or area 'nothing'"):
        find_scripts(["nothing"])


def test_objects_become_what_kubectl_reads():
    assert as_text("plain") == "plain"
    assert as_text({"kind": "Pod"}) == '{"kind": "Pod"}'
    assert as_text([{"kind": "Pod"}]) == '{"apiVersion": "v1", "kind": "List", "items": [{"kind": "Pod"}]}'


def test_the_scripts_use_names_of_their_own():
    """Two scripts that run at the same time must not meet."""
    owners: dict[str, str] = {}
    for script in find_scripts([]):
        for made in (*script.namespaces, *script.cleanup):
            assert owners.setdefault(made, script.name) == script.name, made
