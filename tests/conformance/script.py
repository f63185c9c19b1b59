"""The format of a script: what is asked of a cluster, step by step. One YAML file each, `scripts/AREA/NAME.yaml`.

    about: What the script asks, in one sentence.
    namespaces: [basics-verbs]    # made before the first step, deleted after the last; ${ns} is the first of them
    cleanup: [/api/v1/persistentvolumes/basics-1]    # other objects that the steps make, deleted before and after
    alone: true                   # where others at the same time would disturb it: it changes nodes, or fills them
    nodes: shown                  # where the very node matters; else the scheduler's choice is masked
    given: {...}                  # free: anchors for YAML's own aliases
    steps:
    - id: create                  # unique in the script; "step-3" where there is none
      request: POST /api/v1/namespaces/${ns}/configmaps
      query: {dryRun: All}        # may also stand in the path
      as: engineer                # admin (default), engineer, viewer, assistant
      body: {...}                 # or raw: "text, sent as it is"
      content: merge              # json (default), yaml, merge, json-patch, strategic, apply, or a media type
      accept: table               # json (default), table, or a media type
      headers: {...}
      keep: {rv: metadata.resourceVersion}    # ${rv} in later steps; paths as in `until`
    - kubectl: get configmaps -n ${ns}        # a line as in a shell, or a list of arguments
      as: viewer
      stdin: |
        ...                       # text, or objects that kubectl reads as JSON
      files: {web.yaml: "..."}    # in kubectl's working directory; text or objects
      keep: {name: stdout}        # or a path, where it printed one JSON or YAML document
    - wait: /apis/apps/v1/namespaces/${ns}/deployments/web
      until: {status.readyReplicas: 2}
      within: 30                  # seconds; in the lab, simulated time as long as it takes up to 20 minutes
      keep: {...}
    - watch: /api/v1/namespaces/${ns}/pods?resourceVersion=${rv}
      until: {any: {type: DELETED}}           # over the events
      steps: [...]                # what causes the events; they stand in the recording before the watch
    - state: [/api/v1/namespaces/${ns}/pods]  # read until they stay the same

`until` is `gone` (404), `exists`, or paths with the values that they must have (null: absent), and for lists and
watches `count: 3` items, `any: {...}` and `every: {...}` with paths in one item. A path is `a.b[0].c`, `a[name=x].b`,
`metadata.labels["example.com/a"]`.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.conformance.plain_yaml import PlainLoader

SCRIPTS = Path(__file__).parent / "scripts"
PEOPLE = ("admin", "engineer", "viewer", "assistant")
CONTENT = {
    "json": "application/json",
    "yaml": "application/yaml",
    "merge": "application/merge-patch+json",
    "json-patch": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
ACCEPT = {"json": "application/json", "table": "application/json;as=Table;v=v1;g=meta.k8s.io"}
_COMMON = {"id", "as", "keep"}
_KEYS = {
    "request": {"query", "body", "raw", "content", "accept", "headers"},
    "kubectl": {"stdin", "files"},
    "wait": {"query", "until", "within"},
    "watch": {"query", "until", "within", "steps", "accept"},
    "state": set(),
}
_HEAD = {"about", "alone", "namespaces", "cleanup", "nodes", "given", "steps"}


class ScriptError(Exception):
    """A file that is no script, or a script that does not work on a real cluster; the message says where."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its kind (`request`, `kubectl`, `wait`, `watch` or `state`), and what it asks, as written."""

    id: str
    kind: str
    text: Any
    person: str = "admin"
    options: dict[str, Any] = field(default_factory=dict)
    keep: dict[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def asked(self) -> dict[str, Any]:
        """What is asked, for a recording to say."""
        person = {"as": self.person} if self.person != "admin" else {}
        return {self.kind: self.text, **person, **self.options}


@dataclass(frozen=True, slots=True)
class Script:
    """A script, named AREA/NAME; `text` is the whole file."""

    name: str
    text: str
    namespaces: tuple[str, ...]
    cleanup: tuple[str, ...]
    nodes_shown: bool
    alone: bool
    steps: tuple[Step, ...]

    @property
    def area(self) -> str:
        return self.name.partition("/")[0]

    def flat(self) -> list[Step]:
        """The steps in the order in which they end: those inside a watch stand before it."""
        return list(_flat(self.steps))


def load_script(path: Path) -> Script:
    """The script in a file. Raises `ScriptError`."""
    name = f"{path.parent.name}/{path.stem}"
    text = path.read_text()
    try:
        content = yaml.load(text, PlainLoader)
    except yaml.YAMLError as error:
        raise ScriptError(f"{name}: {error}") from error
    if not isinstance(content, dict) or not content.get("about") or content.keys() - _HEAD:
        raise ScriptError(f"{name}: a script has `about`, `steps`, and of {sorted(_HEAD)} what it needs")
    numbers = iter(range(1, 10_000))
    steps = tuple(_step(name, entry, numbers) for entry in content.get("steps") or ())
    script = Script(
        name=name,
        text=text,
        namespaces=tuple(content.get("namespaces") or ()),
        cleanup=tuple(content.get("cleanup") or ()),
        nodes_shown=content.get("nodes") == "shown",
        alone=content.get("alone") is True,
        steps=steps,
    )
    ids = [step.id for step in script.flat()]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice or not steps:
        raise ScriptError(f"{name}: {'no steps' if not steps else f'ids twice: {twice}'}")
    return script


def find_scripts(names: list[str]) -> list[Script]:
    """The scripts with these names or areas; all where none is named. Raises `ScriptError`."""
    known = {f"{path.parent.name}/{path.stem}": path for path in sorted(SCRIPTS.glob("*/*.yaml"))}
    wanted = [name.rstrip("/") for name in names]
    for name in wanted:
        if not any(name in (each, each.partition("/")[0]) for each in known):
            raise ScriptError(f"no script or area {name!r}; there are: {', '.join(known)}")
    return [
        load_script(path)
        for name, path in known.items()
        if not wanted or name in wanted or name.partition("/")[0] in wanted
    ]


def arguments(text: Any) -> list[str]:
    """kubectl's arguments, from a line or a list."""
    return shlex.split(text) if isinstance(text, str) else [str(each) for each in text]


def as_text(value: Any) -> str:
    """What kubectl reads: text, or an object or a list of objects as JSON."""
    if isinstance(value, str):
        return value
    whole = {"apiVersion": "v1", "kind": "List", "items": value} if isinstance(value, list) else value
    return json.dumps(whole)


def _flat(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield from _flat(step.steps)
        yield step


def _step(script: str, entry: Any, numbers: Iterator[int]) -> Step:
    identity = f"step-{next(numbers)}"
    if not isinstance(entry, dict):
        raise ScriptError(f"{script}: {identity} is no mapping")
    identity = str(entry.get("id") or identity)
    kinds = [kind for kind in _KEYS if kind in entry]
    if len(kinds) != 1:
        raise ScriptError(f"{script}: {identity} must be one of {sorted(_KEYS)}")
    kind = kinds[0]
    unknown = entry.keys() - _COMMON - _KEYS[kind] - {kind}
    person = entry.get("as", "admin")
    if unknown or person not in PEOPLE or (kind in ("wait", "watch") and "until" not in entry):
        raise ScriptError(f"{script}: {identity}: unknown {sorted(unknown)}, or nobody {person!r}, or without `until`")
    return Step(
        id=identity,
        kind=kind,
        text=entry[kind],
        person=person,
        options={key: entry[key] for key in entry if key in _KEYS[kind] - {"steps"}},
        keep=entry.get("keep") or {},
        steps=tuple(_step(script, each, numbers) for each in entry.get("steps") or ()),
    )
