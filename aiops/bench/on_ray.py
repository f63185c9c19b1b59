"""Plays shares of a run on a Ray cluster, one CPU each: that of RAY_ADDRESS, else one that is started here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from aiops.bench.sharing import ShareError, play_in_a_process
from aiops.core.errors import ConfigurationError

TRIES = 2
"""How often a share is begun again whose machine was lost."""


class RayPlaces:
    """Raises `ConfigurationError` where Ray is not installed."""

    def __init__(self) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
        try:
            import ray
        except ImportError as error:
            raise ConfigurationError("--on ray: Ray is not installed: pip install 'aiops[ray]'") from error
        self._ray: Any = ray

    def play(self, shares: Iterable[str], at_once: int) -> Iterator[tuple[int, str | ShareError]]:
        ray = self._ray
        ray.init(ignore_reinit_error=True, include_dashboard=False, log_to_driver=False)
        task = ray.remote(num_cpus=1, max_retries=TRIES)(play_in_a_process)
        running: dict[Any, int] = {}
        try:
            for number, share in enumerate(shares):
                if len(running) >= at_once:
                    yield self._next(running)
                running[task.remote(share)] = number
            while running:
                yield self._next(running)
        finally:
            ray.shutdown()

    def _next(self, running: dict[Any, int]) -> tuple[int, str | ShareError]:
        """What is done first; it runs no more."""
        (done, *_), _ = self._ray.wait(list(running), num_returns=1)
        number = running.pop(done)
        try:
            return number, self._ray.get(done)
        except self._ray.exceptions.RayError as error:
            return number, ShareError(str(error).strip().splitlines()[-1])
