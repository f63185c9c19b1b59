"""How runtimes print the time, by the name under which templates ask for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def _at(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _micro(moment: float) -> str:
    return f"{_at(moment).isoformat(timespec='microseconds')[:26]}Z"


def _milli(moment: float, between: str, point: str) -> str:
    text = _micro(moment)
    return f"{text[:10]}{between}{text[11:19]}{point}{text[20:23]}"


def _web(moment: float) -> str:
    at = _at(moment)
    return f"{at.day:02d}/{_MONTHS[at.month - 1]}/{at.year}:{at.isoformat()[11:19]} +0000"


def _klog(text: str) -> str:
    return f"{text[5:7]}{text[8:10]} {text[11:26]}"


def _redis(moment: float) -> str:
    at = _at(moment)
    return f"{at.day:02d} {_MONTHS[at.month - 1]} {at:%Y %H:%M:%S}.{at.microsecond // 1000:03d}"


def _ctime(moment: float) -> str:
    at = _at(moment)
    return f"{_DAYS[at.weekday()]} {_MONTHS[at.month - 1]} {at.day:2d} {at:%H:%M:%S} {at.year}"


CLOCKS: dict[str, Callable[[float], str | int]] = {
    "clock": _micro,
    "iso": lambda moment: f"{_milli(moment, 'T', '.')}Z",
    "offset": lambda moment: f"{_milli(moment, 'T', '.')}+00:00",
    "day": lambda moment: _milli(moment, " ", "."),
    "comma": lambda moment: _milli(moment, " ", ","),
    "klog": lambda moment: _klog(_micro(moment)),
    "weblog": lambda moment: _micro(moment)[:19].replace("-", "/").replace("T", " "),
    "accesslog": _web,
    "redisclock": _redis,
    "ctime": _ctime,
    "millis": lambda moment: round(moment * 1000),
    "epoch": lambda moment: f"{moment:.6f}",
}
"""Name -> text of a moment in unix seconds, UTC. `clock` is RFC 3339 with microseconds, `iso` with milliseconds,
`offset` that with `+00:00`; `day` and `comma` are `2026-01-02 03:04:05.678` and its like with a comma; `klog` is
`0102 03:04:05.678901`, `weblog` `2026/01/02 03:04:05`, `accesslog` `02/Jan/2026:03:04:05 +0000`, `redisclock`
`02 Jan 2026 03:04:05.678`, `ctime` `Fri Jan  2 03:04:05 2026`; `millis` and `epoch` are unix time."""
