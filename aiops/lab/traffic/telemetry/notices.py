"""Log lines that belong to no request: refusals of the Kubernetes API, and the gateway's words about certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from aiops.lab.logs.phrases import Phrases
from aiops.lab.traffic.network.front_door import FrontDoor
from aiops.lab.traffic.processes.api_reads import ApiReads
from aiops.lab.traffic.processes.process import Process, facts

_SYNC = 60.0
"""Seconds between two looks of the gateway at its certificates."""
_WARN = 240 * 3600.0
"""How long before a certificate's end the gateway begins to warn."""


class NoticeWriter:
    """Writes them to the logs of the processes that they come from."""

    def __init__(self, phrases: Phrases, front_door: FrontDoor, api_reads: ApiReads) -> None:
        self._phrases = phrases
        self._front_door = front_door
        self._api_reads = api_reads
        self._seen: Sequence[Process] = ()
        self._readers: list[Process] = []
        self._gateways: list[Process] = []

    def write(self, processes: Sequence[Process], now: float, dt: float, rng: np.random.Generator) -> None:
        """The notices of one step of `dt` seconds up to `now`; about every second step says that a read is refused."""
        if processes is not self._seen:
            self._seen = processes
            self._readers = [process for process in processes if process.program.reads]
            self._gateways = [process for process in processes if process.program.role == "gateway"]
        for process in self._readers:
            self._refusals(process, now, dt, rng)
        if int(now / _SYNC) != int((now - dt) / _SYNC):
            for process in self._gateways:
                if process.listening(now):
                    self._certificates(process, now)

    def _refusals(self, process: Process, now: float, dt: float, rng: np.random.Generator) -> None:
        language = process.program.language
        for problem in self._api_reads.refused(process) if self._phrases.text(language, "api") else ():
            if rng.random() < 0.5:
                values = {**facts(process), "problem": problem.replace('"', '\\"'), "plain": problem}
                self._note(process, "api", now - dt * rng.random(), values)

    def _certificates(self, process: Process, now: float) -> None:
        for served in self._front_door.served():
            if served.ends < now + _WARN:
                ends = datetime.fromtimestamp(served.ends, UTC)
                values = {"host": served.host, "ends": f"{ends:%Y-%m-%d %H:%M:%S} +0000 UTC"}
                self._note(process, "certificate_ends", now, values)
        for host, secret in self._front_door.unusable():
            values = {"host": host, "secret": secret}
            self._note(process, "certificate_names", now, values)

    def _note(self, process: Process, event: str, moment: float, values: Mapping[str, str]) -> None:
        language, ahead = process.program.language, process.plight.clock_offset
        process.log.append(self._phrases.entry(language, event, moment, values, ahead))
