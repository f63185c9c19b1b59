"""Ends an experiment early where users suffer more than was agreed."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.errors import InvalidInputError

ABORTED = 3
"""The exit code of an injection that was taken back early."""

EVERY = 5.0
"""Seconds of wall time between two questions."""


@dataclass(frozen=True, slots=True)
class AbortGuard:
    """`promql` gives something once it is enough, as an alert's expression does; empty where nothing is asked."""

    promql: str = ""
    url: str = ""

    @classmethod
    def of(cls, promql: str | None, url: str | None, *, held: bool) -> AbortGuard:
        """Of the options of a command. Raises `InvalidInputError` where one lacks another."""
        if (promql is None) != (url is None):
            raise InvalidInputError("--abort-when and --prometheus: one needs the other")
        if promql is None or url is None:
            return cls()
        if not held:
            raise InvalidInputError("--abort-when: say with --for how long the fault is to stand otherwise")
        return cls(promql, url)

    async def hold(self, seconds: float) -> bool:
        """Wait; True as soon as it is enough. Who cannot be asked is taken for enough: nobody watches any more."""
        from aiops.clients.prometheus import PrometheusClient
        from aiops.core.clock import Stopwatch, pause
        from aiops.core.errors import AiopsError

        if not self.promql:
            await pause(seconds)
            return False
        watch, client = Stopwatch(), PrometheusClient.at(self.url)
        try:
            while (left := seconds - watch.seconds()) > 0:
                try:
                    if await client.query(self.promql):
                        return True
                except AiopsError:
                    return True
                await pause(min(EVERY, left))
            return False
        finally:
            await client.close()
