"""Waves and busy days: as many users as the workloads without an autoscaler carry."""

from __future__ import annotations

from random import Random

from aiops.faults.kit.autoscalers import in_waves, needed_autoscalers
from aiops.faults.kit.busiest import COMFORT, in_use
from aiops.faults.registry import FAULTS
from tests.support.targets import target_of
from tests.support.worlds import aged


async def test_the_others_carry_every_wave_in_comfort() -> None:
    world = aged(90, seed=3, application="boutique")
    async with target_of(world) as target:
        fullest = max(share for share, _ in await in_use(target, world.namespace))
        found = await needed_autoscalers(target, world.namespace)
        assert found
        for autoscaler in found:
            wave = await in_waves(target, autoscaler, 4)
            assert 1 < wave.factor <= COMFORT / fullest + 0.01


async def test_errors_of_a_disk_are_more_than_what_retries_hide() -> None:
    async with target_of(aged(90, seed=3)) as target:
        percent = FAULTS.get("volume_io_errors").parameters["percent"]
        assert all([await percent.draw(target, "hotel", Random(seed)) >= 60 for seed in range(50)])
