"""Whether two answers of the HTTP API say the same."""

from __future__ import annotations

import math
import re
from typing import Any

RELATIVE = 1e-9

ORDERED = ("sort", "topk", "bottomk")
"""Calls whose results Prometheus gives in order."""

_GROUP = re.compile(r" \{.*?\} (?=on the)|: \[.*\](?=;)")


def difference(query: str, ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """What differs first, or nothing. The bodies are those of query or query_range."""
    if theirs["status"] == "error":
        return _error(ours, theirs)
    if ours["status"] == "error":
        return f"refused: {ours['error']}"
    mine, real = ours["data"], theirs["data"]
    if mine["resultType"] != real["resultType"]:
        return f"{mine['resultType']} instead of {real['resultType']}"
    if mine["resultType"] in ("scalar", "string"):
        return _point(mine["result"], real["result"])
    return _series(query, mine, real)


def _error(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    if ours["status"] != "error":
        return f"not refused: {theirs['error']}"
    if ours["errorType"] != theirs["errorType"]:
        return f"{ours['errorType']} {ours['error']!r} instead of {theirs['errorType']} {theirs['error']!r}"
    parse = "parse error" in theirs["error"]  # worded by the parser; where in the text it is, ours doesn't tell
    mine, real = ours["error"], theirs["error"]
    if "duplicate series" in real:  # which of several such groups is named follows from the order of series
        mine, real = _GROUP.sub("", mine), _GROUP.sub("", real)
    return "" if parse or mine == real else f"{mine!r} instead of {real!r}"


def _series(query: str, mine: dict[str, Any], real: dict[str, Any]) -> str:
    ours = [tuple(sorted(one["metric"].items())) for one in mine["result"]]
    theirs = [tuple(sorted(one["metric"].items())) for one in real["result"]]
    if sorted(ours) != sorted(theirs):
        extra, lost = sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours))
        return f"series: {len(ours)} instead of {len(theirs)}; extra {extra[:2]}, missing {lost[:2]}"
    ranged = any("values" in one and "[" not in query for one in real["result"])
    ordered = ranged or query.startswith(ORDERED)
    wanted = dict(zip(theirs, real["result"], strict=True))
    for labels, one in zip(ours, mine["result"], strict=True):
        other = wanted[labels]
        found = _points(one["values"], other["values"]) if "values" in one else _point(one["value"], other["value"])
        if found:
            return f"{dict(labels)}: {found}"
    if ordered and ours != theirs:
        values = [one.get("value", (0, ""))[1] for one in real["result"]]
        if ranged or len(set(values)) == len(values):
            return f"order: {ours[:3]} instead of {theirs[:3]}"
    return ""


def _points(ours: list[list[Any]], theirs: list[list[Any]]) -> str:
    if [time for time, _ in ours] != [time for time, _ in theirs]:
        mine, real = {time for time, _ in ours}, {time for time, _ in theirs}
        extra, lost = sorted(mine - real), sorted(real - mine)
        return f"{len(mine)} moments instead of {len(real)}; extra {extra[:3]}, missing {lost[:3]}"
    return next((found for mine, real in zip(ours, theirs, strict=True) if (found := _point(mine, real))), "")


def _point(ours: list[Any], theirs: list[Any]) -> str:
    (time, mine), (moment, real) = ours, theirs
    if time == moment and (mine == real or _close(mine, real)):
        return ""
    return f"{mine} at {time} instead of {real} at {moment}"


def _close(mine: str, real: str) -> bool:
    try:
        a, b = float(mine), float(real)
    except ValueError:
        return False
    if math.isinf(a) or math.isinf(b):
        return a == b
    return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= RELATIVE * max(abs(a), abs(b))
