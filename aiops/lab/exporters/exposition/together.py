"""Several parts of one target's exposition as one sheet, which stays the same object while none of them changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aiops.lab.exporters.exposition.samples import Sheet


class Together:
    """Call `of` with the parts' sheets in the order of their values."""

    def __init__(self) -> None:
        self._parts: Sequence[Sheet] = ()
        self._whole = Sheet()

    def of(self, parts: Sequence[Sheet]) -> Sheet:
        if len(parts) != len(self._parts) or any(a is not b for a, b in zip(parts, self._parts, strict=True)):
            self._parts = parts
            ids = np.concatenate([part.ids for part in parts])
            self._whole = Sheet(ids, np.concatenate([part.owners for part in parts]))
        return self._whole
