"""A process that leaves files or sockets open until it may open no more."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import amount
from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.analysis.behaviour.shapes import climbs
from aiops.core.mechanism import Mechanism

NEAR_END, ROOM = 0.8, 0.5
"""Share of the files that a process may open, now and before."""

GREW, LEAST = 5.0, 500.0
"""Factor and number by which open files grow in one climb, where no limit is known."""


@behaviour("file-leak")
def file_leak(picture: Picture) -> Iterator[Sighting]:
    """Open files at their limit, or far above their usual number in one steady climb, that requests do not explain: one
    that waits inside holds a socket open."""
    for workload in picture.having("files"):
        share, files = picture.level(workload, "files_share"), picture.level(workload, "files")
        at_limit = share is not None and share.now >= NEAR_END > ROOM >= share.before
        active = picture.level(workload, "active")
        waiting = (
            active is not None and files is not None and active.now - active.before >= 0.5 * (files.now - files.before)
        )
        track = picture.tracks[workload, "files"]
        leaks = files is not None and files.rose(GREW, LEAST) and climbs(track, picture.onset - 300.0)
        if waiting or not (at_limit or leaks):
            continue
        yield Sighting(
            subject=workload,
            signal="files",
            summary=f"{workload} holds more and more files or sockets open.",
            observed=amount(files.now, "open files")
            if files
            else amount(min(share.now, 1.0) if share else 0.0, "of its limit"),
            baseline=amount(files.before, "open files") if files else "",
            score=0.9 if at_limit else 0.6,
            blames=blames(workload, Mechanism.APP_FILE_LEAK, 0.8 if at_limit else 0.5),
        )
