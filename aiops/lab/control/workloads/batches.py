"""Work in batches that double, so that what fails for all alike fails but once or twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from aiops.lab.kube.errors import ApiError

T = TypeVar("T")


def in_batches(items: Sequence[T], work: Callable[[T], object]) -> ApiError | None:
    """Do the work for 1, 2, 4, ... of the items, until a batch has failures; returns the first of them.

    As the controllers' `slowStartBatch`, in which the items of a batch do not wait for each other.
    """
    start, size = 0, 1
    while start < len(items):
        failures = []
        for item in items[start : start + size]:
            try:
                work(item)
            except ApiError as error:
                failures.append(error)
        if failures:
            return failures[0]
        start += size
        size *= 2
    return None
