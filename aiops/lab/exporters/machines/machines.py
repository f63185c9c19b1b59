"""Exporters that run once on each machine."""

from __future__ import annotations

from collections.abc import Mapping

from aiops.lab.exporters.exposition.samples import Target
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.traffic import Traffic


def machines(
    traffic: Traffic, mine: Mine, job: str, port: int, labels: Mapping[str, str] | None = None, *, gpu: bool = False
) -> list[Target]:
    """The targets of a job that are scraped together; with `gpu` only on machines that have accelerators."""
    found = []
    for node in traffic.application.nodes:
        own = {"job": job, "instance": f"{node.address}:{port}", "node": node.name, **(labels or {})}
        if mine(own) and (node.accelerators or not gpu):
            found.append(Target(own, node=node.name))
    return found
