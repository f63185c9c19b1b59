"""How much streams hold, from some of their lines."""

from __future__ import annotations

import numpy as np
import pytest

from aiops.lab.logs.entries import Written
from aiops.lab.loki.sizes import SAMPLED, size_of
from aiops.lab.loki.source import StreamIndex
from tests.lab.loki.shelf import Shelf


def _index(lines: list[Written]) -> StreamIndex:
    shelf = Shelf(lambda: 10_000.0)
    shelf.put("web-0", lines)
    return StreamIndex(shelf)


def test_few_lines_are_all_read() -> None:
    index = _index([Written(100.0 + n, "stdout", "é" * n) for n in range(SAMPLED)])
    [stream] = [stream for stream in index.select(()) if stream.stream == "stdout"]
    size = size_of(index, stream, 0.0, 1000.0)
    assert size.bytes(len(size.times)) == sum(2 * n for n in range(SAMPLED))


def test_of_many_lines_the_last_ones_tell_the_size() -> None:
    index = _index([Written(float(n), "stdout", "x" * 10) for n in range(1000)])
    [stream] = [stream for stream in index.select(()) if stream.stream == "stdout"]
    size = size_of(index, stream, 100.0, 900.0)
    assert (len(size.times), size.mean) == (800, 10.0)
    assert size.times[-1] == 899.0


@pytest.mark.parametrize("bounds", [(2000.0, 3000.0), (0.0, 1.0)])
def test_where_no_line_is_there_is_no_size(bounds: tuple[float, float]) -> None:
    index = _index([Written(1500.0, "stdout", "x")])
    [stream] = [stream for stream in index.select(()) if stream.stream == "stdout"]
    size = size_of(index, stream, *bounds)
    assert np.array_equal(size.times, [])
    assert size.bytes(0) == 0
