"""NVIDIA's DCGM exporter: the accelerators of the machines, with the pods that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import NAMESPACE_DNS, uuid5

from aiops.core.entity import Manifest
from aiops.lab.apps.manifests.cluster import ACCELERATOR
from aiops.lab.apps.model import Node
from aiops.lab.exporters.exposition.forms import Filled, Form, Reading, Unit
from aiops.lab.exporters.exposition.samples import Target
from aiops.lab.exporters.machines.machines import machines
from aiops.lab.exporters.readings.cards import NVLINKED
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.processes.process import Process
from aiops.lab.tsdb import TimeSeriesStore

_COUNTED = (
    Reading("DCGM_FI_DEV_ECC_SBE_VOL_TOTAL", "one", 0.0, single=True),
    Reading("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", "node_double_bit_errors"),
    Reading("DCGM_FI_DEV_PCIE_REPLAY_COUNTER", "one", 0.0, single=True),
    Reading("DCGM_FI_DEV_ROW_REMAP_FAILURE", "one", 0.0, single=True),
    Reading("DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", "node_double_bit_errors"),
    Reading("DCGM_FI_DEV_THERMAL_VIOLATION", "node_throttled_microseconds", whole=True),
    Reading("DCGM_FI_DEV_POWER_VIOLATION", "one", 0.0, single=True),
)
_HELD = (
    Reading("DCGM_FI_DEV_GPU_UTIL", "accelerator", 100.0, whole=True),
    Reading("DCGM_FI_DEV_GPU_TEMP", "accelerator_celsius", whole=True),
    Reading("DCGM_FI_DEV_POWER_USAGE", "accelerator_watts"),
    Reading("DCGM_FI_DEV_FB_USED", "accelerator_memory", whole=True),
    Reading("DCGM_FI_DEV_FB_FREE", "accelerator_free", whole=True),
    Reading("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "accelerator"),
    Reading("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "accelerator_tensor"),
)
_OF_MACHINE = (
    Reading("DCGM_FI_DEV_SM_CLOCK", "node_accelerator_clock", whole=True),
    Reading("DCGM_FI_DEV_MEM_CLOCK", "node_accelerator_memory_clock"),
    Reading("DCGM_FI_DEV_XID_ERRORS", "node_xid"),
    *_COUNTED,
)
_FREE = (
    Reading("DCGM_FI_DEV_GPU_UTIL", "one", 0.0, single=True),
    Reading("DCGM_FI_DEV_POWER_USAGE", "node_accelerator_watts"),
    Reading("DCGM_FI_DEV_FB_USED", "one", 0.0, single=True),
    Reading("DCGM_FI_DEV_FB_FREE", "node_accelerator_memory"),
    Reading("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "one", 0.0, single=True),
    Reading("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "one", 0.0, single=True),
    Reading("DCGM_FI_DEV_GPU_TEMP", "node_accelerator_celsius", whole=True),
)
_LINKED_MODELS = tuple(name.replace("-", " ") for name in NVLINKED)
_LINKED = (Reading("DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "node_link_errors"),)
_EXCHANGED = (
    Reading("DCGM_FI_PROF_NVLINK_TX_BYTES", "accelerator_link"),
    Reading("DCGM_FI_PROF_NVLINK_RX_BYTES", "accelerator_link"),
)


class Dcgm:
    """Finds the machines with accelerators. The device plugin gives them out in order."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore, mine: Mine) -> None:
        self._traffic = traffic
        self._mine = mine
        self._held = Form(store, _HELD)
        self._free = Form(store, _FREE)
        self._linked = Form(store, _LINKED)
        self._exchanged = Form(store, _EXCHANGED)
        self._machine = Form(store, _OF_MACHINE)
        self._holders: dict[tuple[str, int], tuple[str, str, str]] = {}

    def __call__(self) -> tuple[Sequence[Target], Iterable[Filled]]:
        targets = machines(self._traffic, self._mine, "dcgm-exporter", 9400, gpu=True)
        nodes = {node.name: (row, node) for row, node in enumerate(self._traffic.application.nodes)}
        held: list[Unit] = []
        free: list[Unit] = []
        placed: list[Unit] = []
        for owner, target in enumerate(targets):
            row, node = nodes[target.node]
            given = self._give_out(row, node)
            for gpu in range(node.accelerators):
                labels = {**target.labels, **_device(node, gpu)}
                process = given.get(gpu)
                if process is None:
                    free.append(Unit((node.name, gpu), labels, owner, row))
                    placed.append(free[-1])
                    continue
                place, number = process
                user = {"namespace": place[0], "pod": place[1], "container": place[2]}
                held.append(Unit((node.name, gpu, *place), {**labels, **user}, owner, number))
                placed.append(Unit(held[-1].key, held[-1].labels, owner, row))
        linked, exchanged = ([unit for unit in units if _is_linked(unit)] for units in (placed, held))
        filled = [(self._held, held), (self._free, free), (self._machine, placed)]
        return targets, [*filled, (self._linked, linked), (self._exchanged, exchanged)]

    def _give_out(self, row: int, node: Node) -> dict[int, tuple[tuple[str, str, str], int]]:
        """Which container holds each accelerator of a node, and its row; who has one keeps it."""
        on_node = self._traffic.resources.needs.node
        wanting = {
            process.place: (number, _wanted(process))
            for number, process in enumerate(self._traffic.flow.graph.processes)
            if on_node[number] == row and _wanted(process)
        }
        for gpu in range(node.accelerators):
            if self._holders.get((node.name, gpu)) not in wanting:
                self._holders.pop((node.name, gpu), None)
        for place, (_, wanted) in wanting.items():
            has = sum(holder == place for holder in self._holders.values())
            spare = [gpu for gpu in range(node.accelerators) if (node.name, gpu) not in self._holders]
            for gpu in spare[: max(wanted - has, 0)]:
                self._holders[node.name, gpu] = place
        given = ((gpu, self._holders.get((node.name, gpu))) for gpu in range(node.accelerators))
        return {gpu: (holder, wanting[holder][0]) for gpu, holder in given if holder is not None}


def _is_linked(unit: Unit) -> bool:
    return unit.labels["modelName"] in _LINKED_MODELS


def _wanted(process: Process) -> int:
    """How many accelerators a process' container asks for."""
    containers = process.container.pod["spec"].get("containers") or ()
    own: Manifest = next((c for c in containers if c["name"] == process.container.name), {})
    return int(((own.get("resources") or {}).get("limits") or {}).get(ACCELERATOR, 0))


def _device(node: Node, gpu: int) -> dict[str, str]:
    return {
        "gpu": str(gpu),
        "UUID": f"GPU-{uuid5(NAMESPACE_DNS, f'{node.name}/{gpu}')}",
        "device": f"nvidia{gpu}",
        "modelName": node.accelerator_model.replace("-", " "),
        "Hostname": node.name,
    }
