"""Node pools: so many machines of one kind."""

from __future__ import annotations

from typing import Any

from aiops.lab.apps.model import Node
from aiops.lab.apps.shorthand.context import Context, Data

POOL_LABEL = "node.kubernetes.io/pool"
_ZONES = 3


def machines(context: Context, pools: Any) -> list[Data]:
    """The nodes of all pools, named `POOL-NUMBER`, each pool spread over three zones."""
    made = []
    for number, (pool, value) in enumerate(context.mapping("machines", pools).items()):
        place = f"machines.{pool}"
        entry = context.mapping(place, value)
        context.check_keys(place, entry, {"count", *Node.model_fields} - {"name", "address"})
        count = entry.pop("count", 1)
        if not isinstance(count, int) or not 0 < count < 250:
            raise context.error(f"{place}.count", "not a number from 1 to 249")
        for index in range(count):
            labels = {POOL_LABEL: pool, "topology.kubernetes.io/zone": f"zone-{'abc'[index % _ZONES]}"}
            name, address = f"{pool}-{index + 1}", f"10.0.{number}.{index + 11}"
            made.append({**entry, "name": name, "address": address, "labels": {**labels, **entry.get("labels", {})}})
    return made
