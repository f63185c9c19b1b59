"""What the driver has changed in a world, as something that can be compared."""

from __future__ import annotations

from typing import Any

import numpy as np

from aiops.lab.traffic.processes.process import Plight
from aiops.lab.world import World


def driver_state(world: World) -> dict[str, Any]:
    """The same for two worlds on which the same disturbances lie; processes themselves may be others."""
    traffic = world._traffic
    running = world.runtime.running()
    traffic._interference.afflict(running)
    graph = traffic.flow.graph
    return {
        "standing": dict(world.disturbances.standing()),
        "programs": [p.place for p in running if p.program is not p.built or p.plight != Plight()],
        "ways": graph.ways is None,
        "blocked": float(np.sum(graph.dropped) + np.sum(graph.unresolved)) if _settled(world) else 0.0,
        "foreign": traffic.resources.foreign.tolist(),
        "machines": sorted(world._control_plane.machines._down),
        "published": {name: tags for name, tags in world.runtime._registry._published.items() if tags},
        "surge": traffic._interference.surge(world.now, ["a"], ["b"]) is None,
        "turned_away": world.cluster.turned_away,
        "allocatable": [node["status"]["allocatable"] for node in world.cluster.objects("Node")],
    }


def _settled(world: World) -> bool:
    """Whether every pod is ready, so that what is unreachable is so by a disturbance."""
    pods = [pod for pod in world.cluster.objects("Pod") if pod["spec"].get("nodeName")]
    return all(
        any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions") or ())
        for pod in pods
    )
