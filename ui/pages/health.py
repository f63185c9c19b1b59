"""The first look at a cluster: what is unhealthy and why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiops.ui.dom import box, button, chip, heading, text
from aiops.ui.watching import Overview
from aiops.ui.words import clock, duration, plain, subject

MOST_FINDINGS = 30
TONES = {"critical": "bad", "error": "bad", "high": "bad", "warning": "warn", "medium": "warn"}


def draw(view: Overview, look_again: Callable[[], Awaitable[None]]) -> None:
    """The findings of the last look; `look_again` takes another one."""
    heading("Cluster health")
    if view.scan is None:
        text(view.scan_error or "Looking …", "p", "muted")
        return
    if view.scan_error:
        text(f"The last look failed: {view.scan_error}", "p", "notice warn")
    findings = view.scan.get("findings", [])
    if not findings:
        text("Nothing is wrong.", "p", "calm")
    with box("ul", "findings"):
        for finding in findings[:MOST_FINDINGS]:
            _finding(finding, view.now)
    if len(findings) > MOST_FINDINGS:
        text(f"and {len(findings) - MOST_FINDINGS} more", "p", "muted")
    for gap in view.scan.get("missing", ()):
        text(f"Not seen: {plain(gap)}", "p", "muted small")
    _watch(view)
    with box("div", "looked"):
        text(f"Last looked at {clock(view.scan.get('at') or view.now)}.", classes="muted")
        button("Look again", look_again, "small quiet")


def _watch(view: Overview) -> None:
    """What the continuous watch does, and what it asks of Prometheus."""
    watch = view.status.get("watch") if view.status else None
    if not watch:
        return
    if watch.get("failure"):
        text(f"The watch sees nothing: {plain(watch['failure'])}", "p", "notice warn")
        return
    slow = "; asking less often, as Prometheus is slow" if watch.get("backing_off") else ""
    each = f"every {watch['interval_seconds']:.0f} s, {watch['queries_per_minute']:g} queries a minute{slow}"
    text(f"Watching the golden signals of {watch['services']} services {each}.", "p", "muted small")


def _finding(finding: dict[str, Any], now: float | None) -> None:
    severity = plain(finding.get("severity", ""), 20)
    with box("li"):
        with box("div", "line"):
            chip(severity or "finding", TONES.get(severity.lower(), ""))
            since = finding.get("since")
            if since is not None and now is not None:
                text(f"for {duration(now - since)}", classes="muted small")
        text(finding.get("title", ""), "strong")
        if about := finding.get("subject"):
            text(_about(about), "code", "muted")
        if detail := finding.get("detail"):
            text(detail, "p", "muted")


def _about(about: Any) -> str:
    return subject(about) if isinstance(about, dict) else plain(about)
