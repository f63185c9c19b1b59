"""What one exporter gives of those of its targets that are scraped at the same moments."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Protocol

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.exposition.samples import Sheet, Target

Mine = Callable[[Mapping[str, str]], bool]
"""Whether the target with these labels is scraped at the moments in question."""


class Job(Protocol):
    """`lay_out` is called whenever `version` has changed; afterwards `targets` and `sheet` stand until the next time,
    but for a sheet that grows while values are collected. `values` (n,) belong to the sheet as it is after the call."""

    targets: Sequence[Target]

    @property
    def sheet(self) -> Sheet: ...

    def version(self) -> Hashable: ...

    def lay_out(self) -> None: ...

    def values(self, now: float) -> FloatArray: ...
