"""Plays a script on a cluster; what comes back is as the cluster said it, not yet normalised."""

from __future__ import annotations

import asyncio
import copy
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import yaml

from tests.conformance.cluster import Cluster, run_kubectl
from tests.conformance.conditions import NOT_FOUND, OK, met, value_at
from tests.conformance.plain_yaml import PlainLoader
from tests.conformance.script import ACCEPT, CONTENT, Script, ScriptError, Step, arguments, as_text

HEADERS = ("content-type", "retry-after", "warning", "allow")
WITHIN = 30.0
"""Seconds that a step waits at most, where it does not say."""

FURNISHED = ("serviceaccounts/default", "configmaps/kube-root-ca.crt")
"""What controllers put into a new namespace; steps begin when it is there."""

STILL = 4
"""A state is settled after this many equal looks in a row."""

LOOKS_EACH = 5
"""A settling state is looked at every so many pauses: half a second on a real cluster."""

MISSING = "missing"
"""Stands for a value that was not there to be kept."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Played:
    """A step and what came back."""

    step: Step
    answer: dict[str, Any]


class Player:
    """Plays one script. Raises `ScriptError` where the script itself does not work.

    A value that is to be kept and is not there ends the script where it is `strict`; else the rest goes without."""

    def __init__(self, cluster: Cluster, home: Path, script: Script, *, strict: bool) -> None:
        self._strict = strict
        self._cluster = cluster
        self._home = home
        self._script = script
        self._kept: dict[str, str] = {"ns": script.namespaces[0]} if script.namespaces else {}

    async def play(self) -> list[Played]:
        """Make the namespaces, and run every step."""
        for namespace in self._script.namespaces:
            await self._make_namespace(namespace)
        return await self._run(self._script.steps)

    async def clean_up(self, *, wait: bool) -> None:
        """Delete what the script makes, and wait until it is gone; for its namespaces only where `wait` says so.

        They take seconds to go, and nobody else looks into them. What is cluster-wide others would see."""
        http = self._cluster.people["admin"].http
        namespaces = [f"/api/v1/namespaces/{name}" for name in self._script.namespaces]
        paths = [*self._script.cleanup, *namespaces]
        there = [path for path in paths if (await http.delete(path)).status_code != NOT_FOUND]
        for path in there if wait else [path for path in there if path not in namespaces]:
            for _ in range(self._cluster.looks(120)):
                if (await http.get(path)).status_code == NOT_FOUND:
                    break
                await self._cluster.pause()
            else:
                raise ScriptError(f"{self._script.name}: {path} does not go away")

    async def _make_namespace(self, name: str) -> None:
        http = self._cluster.people["admin"].http
        made = await http.post("/api/v1/namespaces", json={"metadata": {"name": name}})
        if made.is_error:
            raise ScriptError(f"{self._script.name}: namespace {name}: {made.text}")
        for path in (f"/api/v1/namespaces/{name}/{each}" for each in FURNISHED):
            for _ in range(min(50, self._cluster.looks(10))):
                if (await http.get(path)).status_code == OK:
                    break
                await self._cluster.pause()

    async def _run(self, steps: tuple[Step, ...]) -> list[Played]:
        played = []
        for step in steps:
            inner: list[Played] = []
            if step.kind == "request":
                answer = await self._request(step)
            elif step.kind == "kubectl":
                answer = await self._kubectl(step)
            elif step.kind == "wait":
                answer = await self._wait(step)
            elif step.kind == "watch":
                answer, inner = await self._watch(step)
            else:
                answer = await self._state(step)
            self._keep(step, answer)
            played += [*inner, Played(step, answer)]
        return played

    async def _request(self, step: Step) -> dict[str, Any]:
        method, _, path = self._filled(step.text).partition(" ")
        options = self._filled(step.options)
        headers = {"Accept": ACCEPT.get(options.get("accept", "json"), options.get("accept", ""))}
        content = options.get("raw")
        if "body" in options:
            content = json.dumps(options["body"])
        if content is not None:
            media = options.get("content", "json")
            headers["Content-Type"] = CONTENT.get(media, media)
        headers |= {name: str(value) for name, value in (options.get("headers") or {}).items()}
        url, http = _url(path, options), self._cluster.people[step.person].http
        if "Authorization" in headers:  # the step brings credentials of its own
            return _answer(await http.request(method, url, content=content, headers=headers, auth=None))
        return _answer(await http.request(method, url, content=content, headers=headers))

    async def _kubectl(self, step: Step) -> dict[str, Any]:
        options = self._filled(step.options)
        for name, content in (options.get("files") or {}).items():
            (self._home / name).write_text(as_text(content))
        line = [self._fill(each) for each in arguments(step.text)]
        kubeconfig = self._cluster.people[step.person].kubeconfig
        async with self._cluster.going_on():
            printed = await run_kubectl(kubeconfig, self._home, line, as_text(options.get("stdin") or ""))
        return {"code": printed.code, "stdout": printed.stdout, "stderr": printed.stderr}

    async def _wait(self, step: Step) -> dict[str, Any]:
        options = self._filled(step.options)
        http, path = self._cluster.people[step.person].http, self._filled(step.text)
        answer: dict[str, Any] = {}
        for _ in range(self._cluster.looks(options.get("within", WITHIN))):
            answer = _answer(await http.get(_url(path, options)))
            if met(options["until"], answer["status"], answer.get("body")):
                return {"met": True, "last": answer}
            await self._cluster.pause()
        return {"met": False, "last": answer}

    async def _watch(self, step: Step) -> tuple[dict[str, Any], list[Played]]:
        options = self._filled(step.options)
        http, path = self._cluster.people[step.person].http, self._filled(step.text)
        accept = ACCEPT.get(options.get("accept", "json"), options.get("accept", ""))
        url = _url(path, {"query": {**(options.get("query") or {}), "watch": "true"}})
        events: list[Any] = []
        async with http.stream("GET", url, headers={"Accept": accept}, timeout=None) as stream:
            if stream.status_code != OK:
                await stream.aread()
                return _answer(stream), await self._run(step.steps)
            reading = asyncio.create_task(_read_events(stream, events))
            inner = await self._run(step.steps)
            for _ in range(self._cluster.looks(options.get("within", WITHIN))):
                if reading.done() or _until_met(options["until"], events):
                    break
                await self._cluster.pause()
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
        return {"status": OK, "headers": _headers(stream), "events": _first(options["until"], events)}, inner

    async def _state(self, step: Step) -> dict[str, Any]:
        paths = [self._fill(path) for path in step.text]
        http = self._cluster.people[step.person].http
        seen: list[Any] = []
        for look in range(self._cluster.looks(60)):
            if look % LOOKS_EACH == 0:
                seen.append([_answer(await http.get(path)) for path in paths])
                if len(seen) >= STILL and all(_bare(each) == _bare(seen[-1]) for each in seen[-STILL:]):
                    break
            await self._cluster.pause()
        return {"state": {path: answer["body"] for path, answer in zip(step.text, seen[-1], strict=True)}}

    def _keep(self, step: Step, answer: dict[str, Any]) -> None:
        for name, path in step.keep.items():
            value = answer["stdout"].strip() if path == "stdout" else value_at(_kept_from(answer), path)
            if value is None and self._strict:
                raise ScriptError(f"{self._script.name}: {step.id}: nothing at {path} to keep: {str(answer)[:500]}")
            self._kept[name] = MISSING if value is None else str(value)

    def _filled(self, value: Any) -> Any:
        """The same with every ${name} in every text replaced."""
        if isinstance(value, dict):
            return {self._fill(str(key)): self._filled(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._filled(each) for each in value]
        return self._fill(value) if isinstance(value, str) else copy.copy(value)

    def _fill(self, text: str) -> str:
        def kept(found: re.Match[str]) -> str:
            if found[1] not in self._kept:
                raise ScriptError(f"{self._script.name}: nothing is kept as {found[1]!r}")
            return self._kept[found[1]]

        return _VARIABLE.sub(kept, text)


async def _read_events(stream: httpx2.Response, events: list[Any]) -> None:
    async for line in stream.aiter_lines():
        events += [json.loads(line)] if line.strip() else []


def _until_met(until: Any, events: list[Any]) -> bool:
    return met(until, OK, {"items": events})


def _first(until: Any, events: list[Any]) -> list[Any]:
    """The events up to that which was waited for: how many more came is chance."""
    for count in range(len(events) + 1):
        if _until_met(until, events[:count]):
            return events[:count]
    return events


def _bare(answers: list[dict[str, Any]]) -> list[Any]:
    """What a state is compared by while it settles. Others write to a cluster, too, so a list's version moves on."""
    return [body.get("items", body) if isinstance(body := answer["body"], dict) else body for answer in answers]


def _kept_from(answer: dict[str, Any]) -> Any:
    if "stdout" in answer:
        return yaml.load(answer["stdout"], PlainLoader)
    return answer.get("last", answer).get("body")


def _url(path: str, options: Mapping[str, Any]) -> str:
    """The path with the query of the options added to its own."""
    query = options.get("query")
    return f"{path}{'&' if '?' in path else '?'}{httpx2.QueryParams(query)}" if query else path


def _headers(response: httpx2.Response) -> dict[str, Any]:
    found = {name: response.headers.get_list(name) for name in HEADERS if name in response.headers}
    return {name: values if name == "warning" else values[0] for name, values in found.items()}


def _answer(response: httpx2.Response) -> dict[str, Any]:
    return {"status": response.status_code, "headers": _headers(response), "body": _body(response)}


def _body(response: httpx2.Response) -> Any:
    """A document, the documents of a watch that the server ended, one a line, or a text."""
    text, media = response.text, response.headers.get("content-type", "").partition(";")[0]
    try:
        if media == CONTENT["yaml"]:
            return yaml.load(text, PlainLoader)
        if text.count("\n{") and media == CONTENT["json"]:
            return [json.loads(line) for line in text.splitlines()]
        return json.loads(text)
    except (ValueError, yaml.YAMLError):
        return text
