"""Samples of one scrape: series ids, whose targets they are, and values, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.graph import IntArray
from aiops.lab.tsdb import TimeSeriesStore

KUBELET = "kubelet"
"""The job of what the kubelet itself tells."""

Metric = tuple[str, Mapping[str, str], float]
"""(name, labels, value)."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is scraped at one address. `node` and `pod` (namespace, name) say where its exporter runs; empty where
    nothing of the cluster can stop it. `port` is the exporter's. `own`: the pod's process itself answers; otherwise an
    exporter beside it does, which runs as long as the pod."""

    labels: Mapping[str, str]
    node: str = ""
    pod: tuple[str, str] = ("", "")
    port: int = 0
    own: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A layout of samples: ids of their series and rows of their targets, both (n,). The very same sheet means that
    nothing came or went since the last scrape."""

    ids: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    owners: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def block(store: TimeSeriesStore, names: Sequence[str], labels: Sequence[Mapping[str, str]]) -> IntArray:
    """The ids of every metric of every set of labels: all of the first name first."""
    return np.array([store.series(name, each) for name in names for each in labels], dtype=np.int64)


def sheet(parts: Iterable[tuple[IntArray, Sequence[int]]]) -> Sheet:
    """One sheet of several blocks: ids, and the owners of one round of them, which is repeated as often as needed."""
    ids, owners = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for found, owner in parts:
        ids.append(found)
        row = np.array(owner, dtype=np.int64)
        owners.append(np.tile(row, len(found) // len(row)) if len(row) else row)
    return Sheet(np.concatenate(ids), np.concatenate(owners))


def joined(parts: Sequence[FloatArray]) -> FloatArray:
    """The values of several blocks one after the other."""
    return np.concatenate(parts) if parts else np.zeros(0)
