from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.traffic.solving.queueing import blocked, gives_up, mean_wait, queue_factor

LOADS = st.floats(0.0, 5.0)
SERVERS = st.integers(1, 500)


@given(load=st.floats(0.01, 0.97), service=st.floats(1e-4, 5.0))
def test_one_server_waits_as_in_the_book(load: float, service: float) -> None:
    wait = mean_wait(np.array([load]), np.array([1.0]), np.array([service]))
    assert np.isclose(wait[0], load * service / (1 - load))


def test_many_servers_wait_about_as_erlang_says() -> None:
    """Erlang C for 10 servers at a utilisation of 0.8: 0.409 of the requests wait."""
    wait = mean_wait(np.array([0.8]), np.array([10.0]), np.array([1.0]))
    assert abs(wait[0] - 0.409 / (10 * 0.2)) < 0.02


@given(load=LOADS, more=st.floats(0.0, 2.0), servers=SERVERS, service=st.floats(1e-3, 2.0))
def test_more_load_never_waits_less(load: float, more: float, servers: int, service: float) -> None:
    loads, count = np.array([load, load + more]), np.full(2, float(servers))
    waits = mean_wait(loads, count, np.full(2, service))
    assert np.isfinite(waits).all()
    assert waits[0] <= waits[1] + 1e-12
    assert (queue_factor(np.minimum(loads, 1.0), count) <= 1.0).all()


@given(load=LOADS, servers=SERVERS, service=st.floats(1e-3, 2.0), patience=st.floats(0.01, 30.0))
def test_who_is_too_many_gives_up_and_nobody_else_must(
    load: float, servers: int, service: float, patience: float
) -> None:
    share = gives_up(np.array([load]), np.array([float(servers)]), np.array([service]), np.array([patience]))[0]
    assert 0.0 <= share <= 1.0
    assert load * (1.0 - share) <= 1.0 + 1e-9


def test_a_system_without_a_queue_loses_about_what_erlang_says() -> None:
    """Erlang B: 4 servers offered 3 erlangs lose 0.206, 100 offered 100 lose 0.0757."""
    lost = blocked(np.array([0.75, 1.0, 0.3]), np.array([4.0, 100.0, 100.0]), np.zeros(3))
    assert np.allclose(lost[:2], [0.206, 0.0757], atol=0.025)
    assert lost[2] < 1e-6


@given(load=LOADS, servers=SERVERS, places=st.integers(0, 1000))
def test_no_more_gets_in_than_can_be_served(load: float, servers: int, places: int) -> None:
    lost = blocked(np.array([load]), np.array([float(servers)]), np.array([float(places)]))[0]
    assert 0.0 <= lost <= 1.0
    assert load * (1.0 - lost) <= 1.0 + 1e-9
