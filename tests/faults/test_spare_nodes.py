"""Faults of whole nodes: moving the pods away cures them where pods may move, and they come elsewhere where not."""

from __future__ import annotations

from random import Random

import pytest

from aiops.core.entity import Entity, ends
from aiops.core.errors import NotPossibleError
from aiops.faults.kit.node_links import pairs_of_nodes, spare_nodes, used_nodes
from aiops.faults.kit.places import nodes_with_claims, runs_on
from aiops.faults.registry import FAULTS
from tests.support.targets import target_of
from tests.support.worlds import aged

MOVING = {"network_bandwidth": "node", "network_partition": "nodes", "stolen_cpu": "node", "flaky_network_card": "node"}
STAYING = {"kubelet_stopped": "node", "powered_off": "node", "node_disk_filled": "node", "node_memory_taken": "node"}


async def test_where_no_pod_holds_a_claim_every_node_can_be_emptied() -> None:
    async with target_of(aged(90, seed=3)) as target:
        nodes = await used_nodes(target, "hotel")
        assert await spare_nodes(target, "hotel") == nodes
        assert len(await pairs_of_nodes(target, "hotel")) == len(nodes) * (len(nodes) - 1) // 2


@pytest.mark.parametrize("name", sorted(MOVING | STAYING))
async def test_whether_pods_may_move_decides_what_helps(name: str) -> None:
    fault, draw = FAULTS.get(name), FAULTS.get(name).parameters[(MOVING | STAYING)[name]]
    assert fault.cure == ("change" if name in MOVING else "escalate")
    async with target_of(aged(90, seed=3)) as target:  # nothing here holds a claim
        if name in MOVING:
            assert await draw.draw(target, "hotel", Random(1))
        else:
            with pytest.raises(NotPossibleError):
                await draw.draw(target, "hotel", Random(1))
    world = aged(90, seed=3, application="boutique")
    async with target_of(world) as target:
        tied = await nodes_with_claims(target, world.namespace)
        try:
            subject = await draw.draw(target, world.namespace, Random(1))
        except NotPossibleError:
            assert name in MOVING
            return
        assert {*ends(subject)} <= {*tied} if name in STAYING else not {*ends(subject)} <= {*tied}


@pytest.mark.parametrize("name", ["network_bandwidth", "network_partition"])
async def test_away_from_the_node_it_is_cured(name: str) -> None:
    world = aged(90, seed=3)
    fault = FAULTS.get(name)
    async with target_of(world) as target:
        drawn = {key: await draw.draw(target, "hotel", Random(1)) for key, draw in fault.parameters.items()}
        truth = await fault.function(target, **drawn)
        assert await fault.present(target, {}, **drawn)
        assert fault.other_fix is not None
        await fault.other_fix(target, {}, **drawn)
        for _ in world.ticks(60):
            pass
        assert not await fault.present(target, {}, **drawn)
        left = [node for node in ends(truth.subject) if not await runs_on(target, "", node)]
        assert left == [Entity(kind="Node", name=ends(truth.subject)[0].name)]
