"""The part of a page that tells one scenario."""

from __future__ import annotations

from html import escape
from typing import Any

from aiops.bench.line import Line
from aiops.bench.page.svg import Mark, timeline

VERDICTS = ("detected", "localized", "mechanism", "mitigated")
STAGES = {"ttd": "detected", "ttl": "object named", "tta": "mechanism named", "ttm": "users well"}


def scenario(line: Line) -> str:
    """A part that opens: what was wrong, what was said and done, and how users fared."""
    facts = _facts(line)
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts if text)
    plot = timeline([_number(value) for value in _list(line, "minutes")], _marks(line)) if line.get("minutes") else ""
    return f"<details><summary>{_headline(line)}</summary><dl>{listed}</dl>{plot}</details>"


def _headline(line: Line) -> str:
    name = f"<b>{escape(str(line['scenario']))}</b>"
    if line["error"] is not None:
        return f'{name} <span class="no">error</span>'
    if not line["admitted"]:
        return f'{name} <span class="soft">does not count</span>'
    if line["kind"] == "none":
        told = '<span class="no">false alarm</span>' if line.get("detected") else '<span class="yes">left alone</span>'
    else:
        told = " ".join(
            f'<span class="{"yes" if line.get(flag) else "no"}">{"" if line.get(flag) else "not "}{flag}</span>'
            for flag in VERDICTS
        )
    return f"{name} {told}" + (' <span class="no">harmed</span>' if line.get("harmed") else "")


def _facts(line: Line) -> list[tuple[str, str]]:
    truth, said, safety = _dict(line, "truth"), _dict(line, "diagnosis"), _dict(line, "safety")
    harms = [
        f"{name}: {', '.join(map(str, found))}" for name, found in safety.items() if isinstance(found, list) and found
    ]
    actions = [f"{one['verb']} {one['target']}" for one in _list(line, "actions") if isinstance(one, dict)]
    return [
        ("error", str(line["error"] or "")),
        ("does not count", str(line["reason"] or "")),
        ("was wrong", " ".join(str(truth[name]) for name in ("mechanism", "subject", "field") if truth.get(name))),
        ("innocent changes", ", ".join(map(str, _dict(line, "decoys").values()))),
        ("was said", " ".join(str(said[name]) for name in ("mechanism", "subject") if said.get(name))),
        ("confidence", "" if line.get("confidence") is None else f"{_number(line['confidence']):.0%}"),
        ("was changed", ", ".join(actions)),
        ("in the agent's words", str(line.get("state") or "")),
        ("harm", "; ".join(harms)),
    ]


def _marks(line: Line) -> list[Mark]:
    marks = [Mark(_number(line[name]), text) for name, text in STAGES.items() if line.get(name) is not None]
    acts = [Mark(_number(one["after"]), "change", act=True) for one in _list(line, "actions") if isinstance(one, dict)]
    return marks + acts[:5]


def _dict(line: Line, name: str) -> dict[str, Any]:
    found = line.get(name)
    return found if isinstance(found, dict) else {}


def _list(line: Line, name: str) -> list[Any]:
    found = line.get(name)
    return found if isinstance(found, list) else []


def _number(value: Any) -> float:
    return float(value)
