"""Answers as Loki writes them: times of lines are nanoseconds as text, those of samples seconds."""

from __future__ import annotations

from typing import Any

from aiops.core.telemetry import FloatArray
from aiops.lab.loki.engine import Seen, Streams
from aiops.lab.loki.logql.levels import DETECTED_LEVEL
from aiops.lab.loki.logql.tracks import Labels, Track
from aiops.lab.loki.source import LABELS
from aiops.lab.promql.formatting import format_float

CATEGORIZED = "categorize-labels"
"""The flag of a client that wants to know where each label of a line comes from."""

_LINE_SECONDS = 1e-6
"""What a line costs in the time that an answer says it took."""


def streams_data(streams: Streams, stats: dict[str, Any]) -> dict[str, Any]:
    """Lines by stream."""
    return {"resultType": "streams", "result": streams_list(streams), "stats": stats}


def categorized_data(streams: Streams, stats: dict[str, Any], *, newest_first: bool) -> dict[str, Any]:
    """Lines by stream, each with the metadata that came with it and the labels that the query read out of it."""
    found: dict[Labels, list[list[Any]]] = {}
    for labels, lines in sorted(streams.found.items()):
        more: dict[str, dict[str, str]] = {}
        for name, value in labels:
            if name not in LABELS:
                more.setdefault("structuredMetadata" if name == DETECTED_LEVEL else "parsed", {})[name] = value
        own = tuple(pair for pair in labels if pair[0] in LABELS)
        found.setdefault(own, []).extend([time, line, more] for time, line in lines)
    result = []
    for own, values in found.items():
        values.sort(key=lambda value: value[0], reverse=newest_first)
        result.append({"stream": dict(own), "values": [[str(time), line, more] for time, line, more in values]})
    return {"resultType": "streams", "encodingFlags": [CATEGORIZED], "result": result, "stats": stats}


def streams_list(streams: Streams) -> list[dict[str, Any]]:
    """Each stream with its lines."""
    return [
        {"stream": dict(labels), "values": [[str(time), line] for time, line in lines]}
        for labels, lines in sorted(streams.found.items())
    ]


def matrix_data(found: list[Track] | float, steps: FloatArray, stats: dict[str, Any]) -> dict[str, Any]:
    """Series with their values at each step; a number is a series without labels."""
    moments = [moment_of(float(step)) for step in steps]
    result: list[dict[str, Any]]
    if not isinstance(found, list):
        result = [{"metric": {}, "values": [[moment, format_float(found)] for moment in moments]}]
    else:
        result = [
            {
                "metric": dict(track.labels),
                "values": [
                    [moment, format_float(float(value))]
                    for moment, value, there in zip(moments, track.values, track.there, strict=True)
                    if there
                ],
            }
            for track in found
        ]
    return {"resultType": "matrix", "result": result, "stats": stats}


def instant_data(found: list[Track] | float, moment: float, stats: dict[str, Any]) -> dict[str, Any]:
    """Series with one value each, or a number."""
    time = moment_of(moment)
    if not isinstance(found, list):
        return {"resultType": "scalar", "result": [time, format_float(found)], "stats": stats}
    result = [{"metric": dict(t.labels), "value": [time, format_float(float(t.values[0]))]} for t in found]
    return {"resultType": "vector", "result": result, "stats": stats}


def statistics(seen: Seen) -> dict[str, Any]:
    """What a query looked at."""
    seconds = max(seen.lines * _LINE_SECONDS, _LINE_SECONDS)
    return {
        "summary": {
            "bytesProcessedPerSecond": round(seen.bytes / seconds),
            "linesProcessedPerSecond": round(seen.lines / seconds),
            "totalBytesProcessed": seen.bytes,
            "totalLinesProcessed": seen.lines,
            "execTime": seconds,
            "queueTime": 0,
            "subqueries": 0,
            "totalEntriesReturned": seen.returned,
            "splits": 0,
            "shards": 0,
        }
    }


def moment_of(moment: float) -> float | int:
    """Unix seconds as samples have them."""
    return int(moment) if moment == int(moment) else round(moment, 3)
