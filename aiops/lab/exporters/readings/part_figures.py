"""What the parts inside of processes tell, each in the order in which the engine has its rows: pools, breakers, caches,
disks, heaps, topics, look-ups, handlers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.engine import Engine
from aiops.lab.traffic.protection.breakers import CLOSED, HALF_OPEN, OPEN

INODES, FILES = 2.0**-14, 2.0**-22
"""Of a file system: places for files that it has (as `mkfs.ext4` makes them), and files that it holds, a byte."""


def figures_of_parts(engine: Engine, leaked: FloatArray) -> Mapping[str, FloatArray]:
    """By name, which begins with the part's; `leaked` (pools,) are connections that nobody gives back."""
    return {
        **_protections(engine, leaked),
        **_disks(engine),
        **_insides(engine),
        **_lookups(engine),
        "handler_ok": engine.answers.values[:, 0, -2],
        "handler_failed": engine.answers.values[:, 1:, -2].sum(axis=1),
    }


def _protections(engine: Engine, leaked: FloatArray) -> Mapping[str, FloatArray]:
    pools, state = engine.protections.pools, engine.protections.breakers.state
    return {
        "pool_in_use": pools.in_use + leaked,
        "pool_idle": np.maximum(pools.open - pools.in_use, 0.0),
        "pool_timeouts": pools.timeouts,
        "pool_pending": pools.pending,
        "breaker_closed": (state == CLOSED).astype(np.float64),
        "breaker_open": (state == OPEN).astype(np.float64),
        "breaker_half_open": (state == HALF_OPEN).astype(np.float64),
    }


def _disks(engine: Engine) -> Mapping[str, FloatArray]:
    """Of one without a size nobody knows how much is free: it is as large as what lies on it."""
    used, capacity = engine.disks.used, engine.disks.capacity
    limited = np.isfinite(capacity)
    return {
        "disk_used": used,
        "disk_capacity": np.where(limited, capacity, used),
        "disk_inodes_free": np.maximum(np.where(limited, capacity, 0.0) * INODES - used * FILES, 0.0),
        "disk_free": np.where(limited, np.maximum(capacity - used, 0.0), 0.0),
    }


def _insides(engine: Engine) -> Mapping[str, FloatArray]:
    caches, heaps, topics = engine.caches, engine.collectors, engine.brokers
    return {
        "cache_hits": caches.hits,
        "cache_misses": caches.misses,
        "cache_entries": caches.entries,
        "heap_live": heaps.live,
        "heap_collections": heaps.collections,
        "heap_pause_seconds": heaps.pause_seconds,
        "topic_depth": topics.depth,
        "topic_published": topics.published,
        "topic_consumed": topics.consumed,
        "topic_dead": topics.dead,
        "topic_taken": topics.consumed + topics.dead,
    }


def _lookups(engine: Engine) -> Mapping[str, FloatArray]:
    lookups = engine.lookups
    return {
        "dns_asked": lookups.asked,
        "dns_found": lookups.found,
        "dns_missing": lookups.missing,
        "dns_hits": lookups.hits,
        "dns_denials": lookups.denials,
        "dns_misses": lookups.misses,
        "dns_forwarded": lookups.forwarded,
        "dns_durations": lookups.durations.T.ravel(),
    }
