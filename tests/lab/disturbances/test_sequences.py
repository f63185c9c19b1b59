"""Random disturbances of one lab: whatever begins and ends, in any order, the model stays sound and nothing is left."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.core.disturbance import Disturbance
from aiops.core.errors import NotPossibleError
from aiops.lab.world import World
from tests.lab.disturbances.driver_state import driver_state
from tests.lab.disturbances.strategies import disturbances
from tests.support.worlds import aged

steps = st.lists(st.tuples(st.sampled_from(("begin", "end")), st.integers(0, 3), disturbances), min_size=1, max_size=6)


def _check(world: World) -> None:
    """Nothing is negative, nothing is no number, what came was answered or failed, nobody works more than he can."""
    traffic = world._traffic
    users, state, flow = traffic.users, traffic.resources.state, traffic.flow
    assert users.answered + users.failed <= users.requests * (1 + 1e-9) + 1e-6
    for array in (
        flow.requests,
        flow.fails,
        flow.attempts,
        flow.ok_mean,
        flow.fail_mean,
        state.waiting,
        state.in_flight,
    ):
        assert np.isfinite(array).all()
        assert (array >= 0).all()
    assert (flow.fails <= 1 + 1e-9).all()
    assert (state.utilisation <= 1 + 1e-9).all()
    assert (traffic.resources.node_utilisation <= 1 + 1e-9).all()
    handled = flow.statuses.sum(axis=0)
    assert ((handled == 0) | (np.abs(handled - 1) < 1e-6)).all()
    assert (handled[flow.fails > 1e-9] > 0).all()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_nothing_is_left_of_any_sequence(sequence: list[tuple[str, int, Disturbance]]) -> None:
    world = aged(60.0)
    untouched = driver_state(world)
    for verb, number, disturbance in sequence:
        name = f"d{number}"
        if verb == "end" or name in world.disturbances.standing():
            world.disturbances.end(name)
        else:
            try:
                world.disturbances.begin(name, disturbance)
            except NotPossibleError:
                continue
        for _ in world.ticks(15):
            _check(world)
    for name in list(world.disturbances.standing()):
        world.disturbances.end(name)
    for _ in world.ticks(15):
        _check(world)
    left = driver_state(world)
    left.pop("blocked"), untouched.pop("blocked")  # pods that are gone are unreachable by themselves
    assert left == untouched
