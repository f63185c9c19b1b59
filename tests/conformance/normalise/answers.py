"""Normalises the answers of one script's steps, in their order."""

from __future__ import annotations

from typing import Any

from tests.conformance.normalise.objects import Objects
from tests.conformance.normalise.printed import document, lines
from tests.conformance.normalise.strings import Masks
from tests.conformance.script import Step, arguments

_BY_KUBELET = ("Pod", "Node")


class Normaliser:
    """Normalises step by step: numbers given in one answer are used in the next."""

    def __init__(self, script: str, *, nodes_shown: bool) -> None:
        self._masks = Masks(script, nodes_shown=nodes_shown)
        self._objects = Objects(self._masks)

    def __call__(self, step: Step, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer of a step as every cluster that behaves the same would give it."""
        if step.kind == "kubectl":
            return self._printed(arguments(step.text), answer)
        if step.kind == "wait":
            return {"met": answer["met"]} if answer["met"] else {"met": False, "last": self._answer(answer["last"])}
        if step.kind == "state":
            return {"state": {path: self._body(body) for path, body in answer["state"].items()}}
        if "events" in answer:
            return {**self._answer(answer), "events": self._events(answer["events"])}
        return self._answer(answer)

    def _answer(self, answer: dict[str, Any]) -> dict[str, Any]:
        headers = {name: self._body(value) for name, value in answer["headers"].items()}
        body = {"body": self._body(answer["body"])} if "body" in answer else {}
        return {"status": answer["status"], "headers": headers, **body}

    def _body(self, body: Any) -> Any:
        if isinstance(body, str) and "\n" in body.rstrip("\n"):
            return [self._objects.number(line) for line in self._masks.mask(body).splitlines()]
        return self._objects.normalise(body)

    def _printed(self, line: list[str], answer: dict[str, Any]) -> dict[str, Any]:
        parsed = document(line, answer["stdout"])
        if parsed is not None:
            shown = {"document": self._objects.normalise(parsed)}
        else:
            shown = {"stdout": self._lines(answer["stdout"], line)}
        return {"code": answer["code"], **shown, "stderr": self._lines(answer["stderr"], line)}

    def _lines(self, text: str, line: list[str]) -> list[str]:
        return [self._objects.number(each) for each in lines(text, self._masks, line)]

    def _events(self, events: list[dict[str, Any]]) -> list[Any]:
        """Bookmarks come by the clock, but for the one that ends the initial list. Of a kubelet's writes nothing is
        left to see, so an event that says the same as the one before about its object is none."""
        shown: list[Any] = []
        last: dict[str, Any] = {}
        for event in events:
            body = event.get("object") or {}
            metadata = body.get("metadata") or {}
            if event.get("type") == "BOOKMARK" and "annotations" not in metadata:
                continue
            normal = self._objects.normalise(event)
            uid = str(metadata.get("uid"))
            if body.get("kind") in _BY_KUBELET and last.get(uid) == normal:
                continue
            last[uid] = normal
            shown.append(normal)
        return shown
