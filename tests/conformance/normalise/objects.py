"""Normalises JSON: objects, lists of them, tables, Status; and numbers uids and versions by their first appearance."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.conformance.normalise import kubelet
from tests.conformance.normalise.strings import AGE, UUID, Masks

_AGES = frozenset({"Age", "Last Seen", "First Seen", "Last Schedule", "Duration"})
_AGO = re.compile(r"\((?:\d+[ydhms])+ ago\)")
_VERSION = re.compile(r"\x00version ([^ \x00]*) ([^\x00]*)\x00")
_MADE = re.compile(r"<(?:x|hash|event|ip|node|zone|uid|certificate)>")
_BY_KEY = {"continue": "<continue>", "resourceVersion": "<version>", "reportingInstance": "<instance>"}
_UNORDERED = frozenset({"addresses", "endpoints", "notReadyAddresses", "subsets"})
_BY_CHANCE = frozenset({"Pod", "Node", "Lease"})
"""Kinds whose versions a kubelet moves, too."""


class Objects:
    """Normalises the JSON of one script, answer by answer."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._uids: dict[str, int] = {}
        self._versions: dict[str, dict[str, int]] = {}
        self._columns: list[Any] = []

    def normalise(self, body: Any) -> Any:
        """A JSON value as every cluster that behaves the same would give it."""
        return self._numbered(self._walk(body, ""))

    def number(self, text: str) -> str:
        """A text with its uids numbered."""
        return UUID.sub(lambda found: f"<uid-{self._uids.setdefault(found[0], len(self._uids) + 1)}>", text)

    def _walk(self, value: Any, kind: str, key: str = "") -> Any:
        if isinstance(value, dict):
            return self._object(value, kind)
        if isinstance(value, list):
            return self._list(value, kind, key)
        if isinstance(value, str):
            return _BY_KEY[key] if key in _BY_KEY and value else self._masks.mask(value)
        if key in ("nodePort", "healthCheckNodePort") and isinstance(value, int) and value:
            return self._masks.node_port(value)
        return value

    def _object(self, body: dict[str, Any], kind: str) -> dict[str, Any]:
        own = body.get("kind") if isinstance(body.get("kind"), str) and "apiVersion" in body else None
        kind = own or kind
        if kind == "Table" and "columnDefinitions" in body:
            return self._table(body)
        body = kubelet.without(kind, body)
        return {
            self._masks.mask(key): self._metadata(value, kind)
            if key == "metadata" and isinstance(value, dict)
            else self._walk(value, kind.removesuffix("List") if key == "items" else "", key)
            for key, value in body.items()
        }

    def _metadata(self, metadata: dict[str, Any], kind: str) -> dict[str, Any]:
        walked: dict[str, Any] = self._walk({k: v for k, v in metadata.items() if k != "resourceVersion"}, "")
        if "resourceVersion" in metadata:
            walked["resourceVersion"] = _version(metadata, kind)
        if isinstance(walked.get("managedFields"), list):
            walked["managedFields"] = sorted(walked["managedFields"], key=_manager)
        return walked

    def _list(self, items: list[Any], kind: str, key: str) -> list[Any]:
        walked = [self._walk(item, kind) for item in items if not kubelet.is_its_event(kind, item)]
        if key == "causes" and all(item.get("reason") == "FieldManagerConflict" for item in walked):
            return self._sorted(walked)
        names = [_name(item) for item in walked]
        if key in _UNORDERED or (key in ("items", "rows") and any(_MADE.search(name) for name in names)):
            return self._sorted(walked)
        return walked

    def _table(self, table: dict[str, Any]) -> dict[str, Any]:
        if table["columnDefinitions"]:
            self._columns = [column.get("name") for column in table["columnDefinitions"]]
        columns = self._columns  # a watch says them once
        whole = table.get("rows") or ()
        rows = [self._row(row, columns) for row in whole if not kubelet.tells_of_it(row["cells"], columns)]
        if any(_MADE.search(str(row["cells"])) for row in rows):
            rows = self._sorted(rows)
        rest = {key: value for key, value in table.items() if key not in ("rows", "metadata", "kind")}
        metadata = self._metadata(table.get("metadata") or {}, "Table")
        shown = {**self._walk(rest, ""), "kind": "Table", "metadata": metadata}
        return {**shown, "rows": rows} if "rows" in table else shown

    def _row(self, row: dict[str, Any], columns: list[Any]) -> dict[str, Any]:
        cells = [_cell(column, self._walk(cell, "")) for column, cell in zip(columns, row["cells"], strict=True)]
        return {**self._walk(row, ""), "cells": cells}

    def _sorted(self, items: list[Any]) -> list[Any]:
        """In the order of what they say; those that say the same in the order of their uids' numbers."""
        return sorted(items, key=lambda item: (_said(item), self._numbers(item)))

    def _numbers(self, item: Any) -> list[float]:
        return [self._uids.get(uid, float("inf")) for uid in UUID.findall(json.dumps(item, sort_keys=True))]

    def _numbered(self, value: Any) -> Any:
        if isinstance(value, dict):
            pairs = sorted(value.items())  # sorted as recordings are, so that numbers rise down the page
            return {self.number(key): self._numbered(each) for key, each in pairs}
        if isinstance(value, list):
            return [self._numbered(each) for each in value]
        return self.number(_VERSION.sub(self._number_version, value)) if isinstance(value, str) else value

    def _number_version(self, found: re.Match[str]) -> str:
        seen = self._versions.setdefault(found[1], {})
        return f"<version-{seen.setdefault(found[2], len(seen) + 1)}>"


def _version(metadata: dict[str, Any], kind: str) -> Any:
    """A placeholder that says whose version it is, to be numbered when the order is known; a list's is only masked."""
    version, uid = metadata["resourceVersion"], metadata.get("uid")
    if not isinstance(version, str) or version in ("", "0"):
        return version
    if uid is None or kind in _BY_CHANCE or kind == "PartialObjectMetadata":
        return "<version>"
    return f"\x00version {uid} {version}\x00"


def _name(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    whole = item.get("object") if isinstance(item.get("object"), dict) else item
    metadata = whole.get("metadata") if isinstance(whole, dict) else None
    return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""


def _manager(entry: Any) -> tuple[str, str, str]:
    return (str(entry.get("manager")), str(entry.get("operation")), str(entry.get("subresource", "")))


def _said(item: Any) -> str:
    return UUID.sub("<uid>", _VERSION.sub("<version>", json.dumps(item, sort_keys=True).replace("\\u0000", "\x00")))


def _cell(column: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if column in _AGES and value and AGE.fullmatch(value):
        return "<age>"
    return _AGO.sub("(<age> ago)", value)
