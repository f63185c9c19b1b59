from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aiops.core.quantity import cpu, memory, parse_quantity


@given(st.floats(0, 1e13))
def test_memory_is_never_rounded_down(size: float) -> None:
    assert parse_quantity(memory(size)) >= int(size)
    assert parse_quantity(memory(size)) - size <= 1024 * 1024


@given(st.floats(0.001, 1000))
def test_cores_are_kept_to_the_millicore(cores: float) -> None:
    assert abs(parse_quantity(cpu(cores)) - cores) <= 0.0005 + 1e-9


def test_texts() -> None:
    assert (memory(1), memory(128 * 1024 * 1024), cpu(0.25), cpu(0)) == ("1Mi", "128Mi", "250m", "1m")
