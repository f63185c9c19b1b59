"""Workloads in use: those that somebody asks, and that are not idle."""

from __future__ import annotations

from aiops.core.disturbance.behaviour import CacheOff, ConnectionLeak, OperationErrors
from aiops.core.entity import Manifest
from aiops.faults.kit.busy import databases_in_use, services_in_use, services_with_database
from aiops.faults.kit.feeling import that_feel
from aiops.faults.kit.pairs import pairs
from tests.support.targets import target_of
from tests.support.worlds import aged


def _names(workloads: list[Manifest]) -> set[str]:
    return {workload["metadata"]["name"] for workload in workloads}


async def test_services_are_asked_and_busy() -> None:
    async with target_of(aged(90, seed=3)) as target:
        found = _names(await services_in_use(target, "hotel"))
        assert {"frontend", "profile", "geo"} <= found
        assert not {name for name in found if name.startswith(("mongodb", "memcached"))}


async def test_databases_are_found_by_their_ports() -> None:
    async with target_of(aged(90, seed=3)) as target:
        found = _names(await databases_in_use(target, "hotel"))
        assert found
        assert all(name.startswith("mongodb") for name in found)
        assert "frontend" not in _names(await services_with_database(target, "hotel"))
        assert "geo" in _names(await services_with_database(target, "hotel"))


async def test_only_programs_that_have_it_can_misbehave_so() -> None:
    async with target_of(aged(90, seed=3)) as target:
        services = await services_in_use(target, "hotel")
        assert not await that_feel(target, services, CacheOff())
        assert not await that_feel(target, services, ConnectionLeak(per_second=1))
        post = OperationErrors(operation="POST", percent=100)
        assert "frontend" in _names(await that_feel(target, services, post))
        assert "geo" not in _names(await that_feel(target, services, post))


async def test_pairs_are_those_with_one_caller() -> None:
    async with target_of(aged(90, seed=3)) as target:
        found = {(pair.source.name, pair.target.name) for pair in await pairs(target, "hotel")}
        assert ("frontend", "search") in found
        assert ("search", "geo") in found
