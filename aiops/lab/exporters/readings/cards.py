"""What accelerators tell beside how busy they are: power, memory, what their tensor cores and their links do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.model import Node
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.callgraph.carrying import summed
from aiops.lab.traffic.callgraph.graph import IntArray

NVLINKED = ("NVIDIA-A100-SXM4-80GB",)
"""Models whose accelerators are joined with each other; others exchange through the host."""

DOUBLE_BIT_ERRORS, LINK_ERRORS = (48, 94, 95), (74,)
"""The driver's errors (XID) behind which is a memory cell, and a link."""

_FIGURES = ("accelerator_watts", "accelerator_memory", "accelerator_free", "accelerator_tensor", "accelerator_link")
_WEIGHTS, _ACTIVATIONS, _TRAINED = 0.46, 0.38, 0.83
"""Shares of the memory: of a model's weights, of a full batch at work, and of one that is being trained."""

_TENSOR_SHARE = 0.55
"""The share of an accelerator's busy time in which its tensor cores work."""

_LINK_BYTES = 240e9
"""A second, while members exchange what they have worked out."""


class _Model(NamedTuple):
    """Watts without and with full work, MiB of memory, MHz of the multiprocessors and of the memory."""

    idle: float
    most: float
    memory: float
    clock: float
    memory_clock: float


_MODELS = {
    "NVIDIA-A100-SXM4-80GB": _Model(62.0, 400.0, 81_251.0, 1410.0, 1593.0),
    "NVIDIA-L4": _Model(16.0, 72.0, 23_034.0, 2040.0, 6251.0),
}
_OTHER = _Model(30.0, 250.0, 16_384.0, 1500.0, 5001.0)


class Cards:
    """The accelerators of all machines, and what the processes that hold one do with it."""

    def __init__(self, traffic: Traffic) -> None:
        nodes: Sequence[Node] = traffic.application.nodes
        models = np.array([_MODELS.get(node.accelerator_model, _OTHER) for node in nodes]).reshape(-1, len(_OTHER)).T
        self._traffic = traffic
        self._idle, self._most, self._memory = models[0], models[1], models[2]
        self.clocks: FloatArray = models[3]
        self.memory_clocks: FloatArray = models[4]

    def standing(self) -> Mapping[str, FloatArray]:
        """Of those that nobody holds, (nodes,)."""
        return {
            "node_accelerator_watts": self._idle,
            "node_accelerator_memory": self._memory,
            "node_accelerator_memory_clock": self.memory_clocks,
        }

    def read(self, busy: FloatArray | float, slower: FloatArray) -> Mapping[str, FloatArray | float]:
        """Figures of processes by how `busy` the accelerator of each is (0..1), and by how many times `slower` each
        machine's are clocked than they could. An accelerator that is clocked down takes less."""
        engine = self._traffic.engine
        inference, training = engine.inference, engine.training
        if not inference.keys and not training.keys:
            return dict.fromkeys(_FIGURES, 0.0)
        node = engine.resources.needs.node
        filled = _summed(inference.process, _WEIGHTS + _ACTIVATIONS * inference.filled, len(node))
        filled += _summed(training.member, np.where(training.busy > 0, _TRAINED, _WEIGHTS), len(node))
        linked = _LINK_BYTES * _summed(training.member, training.communicating, len(node))
        working, memory = np.asarray(busy) / slower[node], self._memory[node]
        watts = self._idle[node] + (self._most - self._idle)[node] * working
        used = filled * memory
        found = (watts, used, memory - used, _TENSOR_SHARE * working, linked)
        return dict(zip(_FIGURES, found, strict=True))


def _summed(rows: IntArray, weights: FloatArray, count: int) -> FloatArray:
    return summed(rows, weights, count) if len(rows) else np.zeros(count)
