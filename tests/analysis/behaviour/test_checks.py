"""Every check of behaviour sees what it is for, and stays silent where things are merely different."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aiops.analysis.behaviour.picture import CallSeen, Newcomer, Picture
from aiops.analysis.behaviour.registry import BEHAVIOURS, Sighting
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.core.telemetry import Series

APP = Entity(kind="Deployment", namespace="shop", name="app")
ENTRY = Entity(kind="Deployment", namespace="shop", name="entry")
STORE = Entity(kind="StatefulSet", namespace="shop", name="store")
GUEST = Entity(kind="Deployment", namespace="shop", name="guest")
NODE = Entity(kind="Node", name="node-1")
ONSET, END = 2000.0, 2400.0
TIMES = np.arange(0.0, END + 1, 30.0)
EMPTY = Picture(
    window=Window(start=ONSET, end=END), baseline=Window(start=500.0, end=1900.0), onset=ONSET, entries=(ENTRY,)
)


def step(before: float, now: float) -> Series:
    """A course that changes at once when the trouble begins."""
    return Series({}, TIMES, np.where(TIMES < ONSET, before, now))


def ramp(before: float, end: float) -> Series:
    """A course that climbs steadily from the beginning of the trouble on."""
    return Series({}, TIMES, np.where(TIMES < ONSET, before, before + (end - before) * (TIMES - ONSET) / (END - ONSET)))


def bursts(high: float) -> Series:
    """A course that goes up and down from the beginning of the trouble on."""
    return Series({}, TIMES, np.where((TIMES >= ONSET) & ((TIMES // 60) % 2 == 0), high, 0.0))


def picture(**tracks: Series) -> Picture:
    """What is known of the application alone, by signal."""
    return replace(EMPTY, tracks={(APP, signal): series for signal, series in tracks.items()})


def call(source: Entity, target: Entity, seconds: float = 0.01, failing: float = 0.0, rate: float = 10.0) -> CallSeen:
    """Calls that were quick and good before."""
    return CallSeen(source, target, (10.0, rate), (0.01, seconds), (0.0, failing), {"timeout": failing})


def blamed(check: str, seen: Picture) -> set[tuple[Entity, Mechanism]]:
    """What a check blames for what."""
    found: list[Sighting] = list(BEHAVIOURS.get(check).run(seen))
    assert all(0 < sighting.score <= 1 for sighting in found)
    return {(h.subject, h.mechanism) for sighting in found for h in sighting.blames if isinstance(h.subject, Entity)}


def test_nothing_is_seen_where_nothing_is_known() -> None:
    assert [sighting for check in BEHAVIOURS for sighting in check.run(EMPTY)] == []


def test_steady_figures_are_no_trouble() -> None:
    calm = {
        (APP, signal): step(5.0, 5.2)
        for signal in ("pool_use", "files", "memory", "active", "cpu", "gc_share", "hit_ratio", "served", "backlog")
    }
    seen = replace(EMPTY, tracks=calm, calls=(call(ENTRY, APP), call(APP, STORE)))
    assert [sighting for check in BEHAVIOURS for sighting in check.run(seen)] == []


def test_a_pool_without_connections_before_an_idle_store_leaks() -> None:
    leak = picture(pool_use=step(0.2, 1.0), pool_timeouts=step(0.0, 4.0))
    seen = replace(leak, calls=(call(APP, STORE, seconds=1.0, failing=0.5),))
    assert blamed("connection-leak", seen) == {(APP, Mechanism.APP_CONNECTION_LEAK)}
    busy = replace(seen, tracks={**seen.tracks, (STORE, "cpu"): step(0.2, 1.9)})
    assert blamed("connection-leak", busy) == set()


def test_pools_that_fill_at_several_places_at_once_leak_nowhere_for_sure() -> None:
    full = {(one, "pool_timeouts"): step(0.0, 4.0) for one in (ENTRY, APP)}

    def strengths(*calls: CallSeen) -> dict[Entity, float]:
        seen = BEHAVIOURS.get("connection-leak").run(replace(EMPTY, tracks=full, calls=calls))
        return {h.subject: h.strength for one in seen for h in one.blames if isinstance(h.subject, Entity)}

    assert strengths(call(ENTRY, APP)) == {APP: 0.75}, "who calls it waits for it"
    assert strengths() == {ENTRY: 0.375, APP: 0.375}


def test_open_files_that_climb_leak_and_those_of_waiting_requests_do_not() -> None:
    leak = picture(files=ramp(30.0, 9000.0))
    assert blamed("file-leak", leak) == {(APP, Mechanism.APP_FILE_LEAK)}
    assert blamed("file-leak", picture(files=ramp(30.0, 9000.0), active=ramp(1.0, 8900.0))) == set()
    assert blamed("file-leak", picture(files=step(30.0, 40.0), files_share=step(0.1, 0.95))) == {
        (APP, Mechanism.APP_FILE_LEAK)
    }
    sockets = picture(files=step(30.0, 1024.0), files_share=step(0.03, 1.0), active=step(20.0, 2000.0))
    assert blamed("file-leak", sockets) == set()


def test_memory_that_climbs_to_its_limit_leaks_and_a_higher_level_does_not() -> None:
    leak = picture(memory=ramp(1e8, 5e8), memory_share=ramp(0.2, 0.98))
    assert blamed("memory-leak", leak) == {(APP, Mechanism.APP_MEMORY_LEAK)}
    assert blamed("memory-leak", picture(memory=step(1e8, 5e8), memory_share=step(0.2, 0.98))) == set()
    busier = replace(leak, calls=(call(ENTRY, APP, rate=40.0),))
    assert blamed("memory-leak", busier) == set()


def test_requests_that_pile_up_in_an_idle_process_are_a_deadlock_unless_it_waits_for_others() -> None:
    stuck = picture(active=step(1.0, 200.0), cpu=step(0.3, 0.005))
    assert blamed("deadlock", stuck) == {(APP, Mechanism.APP_DEADLOCK)}
    waiting = replace(stuck, calls=(call(APP, STORE, seconds=3.0),))
    assert blamed("deadlock", waiting) == set()
    consumer = replace(stuck, users={STORE: (APP,)}, tracks={**stuck.tracks, (STORE, "consumed"): step(9.0, 1.0)})
    strengths = [
        [h.strength for one in BEHAVIOURS.get("deadlock").run(seen) for h in one.blames] for seen in (stuck, consumer)
    ]
    assert strengths == [[0.75], [0.3]]


def test_time_in_collections() -> None:
    assert blamed("garbage-collection", picture(gc_share=step(0.001, 0.3))) == {(APP, Mechanism.APP_GARBAGE_COLLECTION)}
    assert blamed("garbage-collection", picture(gc_share=step(0.001, 0.004))) == set()


def test_dearer_requests_are_told_from_more_requests() -> None:
    dear = picture(cpu=step(0.2, 0.9), served=step(50.0, 48.0))
    assert (APP, Mechanism.APP_COSTLY_PATTERN) in blamed("costly-work", dear)
    assert blamed("costly-work", picture(cpu=step(0.2, 0.9), served=step(50.0, 210.0))) == set()


def test_a_cache_that_finds_less_is_its_holders_or_its_users() -> None:
    assert blamed("cache", picture(hit_ratio=step(0.9, 0.2))) == {(APP, Mechanism.APP_CACHE)}
    outside = replace(EMPTY, tracks={(STORE, "hit_ratio"): step(0.9, 0.2)}, calls=(call(APP, STORE),))
    assert blamed("cache", outside) == {(STORE, Mechanism.APP_CACHE), (APP, Mechanism.APP_CACHE)}


BUSY = {(STORE, "sessions"): step(1.0, 50.0), (STORE, "cpu"): step(0.2, 1.9)}
IDLE = {(STORE, "sessions"): step(1.0, 50.0), (STORE, "cpu"): step(0.2, 0.05)}
CAME = (Newcomer(GUEST, ONSET - 20, False, (STORE,)),)


@pytest.mark.parametrize(
    ("tracks", "newcomers", "expected"),
    [
        (BUSY, CAME, (GUEST, Mechanism.DATA_SLOW_QUERY)),
        (BUSY, (), (STORE, Mechanism.DATA_MISSING_INDEX)),
        (IDLE, CAME, (GUEST, Mechanism.DATA_LOCK_CONTENTION)),
    ],
)
def test_stores(
    tracks: dict[tuple[Entity, str], Series], newcomers: tuple[Newcomer, ...], expected: tuple[Entity, Mechanism]
) -> None:
    seen = replace(EMPTY, tracks=tracks, newcomers=newcomers, calls=(call(APP, STORE, seconds=2.0),))
    assert blamed("stores", seen) == {expected}


def test_a_store_that_known_clients_ask_more_is_not_at_fault() -> None:
    seen = replace(EMPTY, tracks=BUSY, calls=(call(APP, STORE, seconds=2.0, rate=30.0),))
    assert blamed("stores", seen) == set()


def test_a_volume_is_slow_where_its_machine_waits_and_nobody_moves_more() -> None:
    claim = Entity(kind="PersistentVolumeClaim", namespace="shop", name="data-store-0")
    waits = {(NODE, "node_disk_waiting"): step(0.01, 0.7), (STORE, "disk"): step(1e6, 2e5)}
    seen = replace(
        EMPTY,
        tracks=waits,
        nodes={STORE: (NODE.name,), GUEST: (NODE.name,)},
        claims={STORE: (claim,)},
        calls=(call(APP, STORE, seconds=2.0),),
    )
    assert blamed("slow-disk", seen) == {(claim, Mechanism.STORAGE_SLOW)}
    assert blamed("slow-disk", replace(seen, calls=(call(APP, STORE),))) == set(), "nobody waits for the store"
    hog = replace(seen, tracks={**waits, (GUEST, "disk"): step(1e5, 9e7)})
    assert blamed("slow-disk", hog) == set(), "a neighbour uses the disk up"
    calm = replace(seen, tracks={(NODE, "node_disk_waiting"): step(0.01, 0.02)})
    assert blamed("slow-disk", calm) == set()


def test_calls_that_are_repeated_because_they_fail_are_no_more_work() -> None:
    repeated = (call(ENTRY, APP), call(APP, STORE, seconds=2.0, failing=0.8, rate=16.0))
    assert blamed("stores", replace(EMPTY, tracks=BUSY, calls=repeated)) == {(STORE, Mechanism.DATA_MISSING_INDEX)}
    asked_for = (call(ENTRY, APP, rate=16.0), call(APP, STORE, seconds=2.0, failing=0.8, rate=16.0))
    assert blamed("stores", replace(EMPTY, tracks=BUSY, calls=asked_for)) == set()
    in_a_ring = (*repeated, call(STORE, APP, failing=0.8, rate=16.0))
    assert blamed("stores", replace(EMPTY, tracks=BUSY, calls=in_a_ring)) == {(STORE, Mechanism.DATA_MISSING_INDEX)}


def test_calls_that_are_repeated() -> None:
    seen = replace(EMPTY, calls=(call(ENTRY, APP), call(APP, STORE, failing=0.5, rate=25.0)))
    assert blamed("retries", seen) == {(APP, Mechanism.LOAD_RETRIES)}
    more = replace(EMPTY, calls=(call(ENTRY, APP, rate=25.0), call(APP, STORE, failing=0.5, rate=25.0)))
    assert blamed("retries", more) == set()


@pytest.mark.parametrize(
    ("node", "own", "mechanism"),
    [
        (("node_cpu_waiting", step(0.01, 0.8)), "cpu", Mechanism.RESOURCE_CPU_HOG),
        (("node_memory_free", step(0.8, 0.02)), "memory", Mechanism.RESOURCE_MEMORY_HOG),
        (("node_disk_waiting", step(0.01, 0.8)), "disk", Mechanism.RESOURCE_IO_HOG),
        (("node_link", step(0.01, 0.97)), "network", Mechanism.NETWORK_BANDWIDTH),
    ],
)
def test_a_greedy_neighbour_is_the_one_that_came(node: tuple[str, Series], own: str, mechanism: Mechanism) -> None:
    seen = replace(
        EMPTY,
        tracks={(NODE, node[0]): node[1], (GUEST, own): step(0.0, 9e6), (APP, own): step(1e5, 1e5)},
        newcomers=(Newcomer(GUEST, ONSET - 20, False),),
        nodes={GUEST: (NODE.name,), APP: (NODE.name,)},
        calls=(call(ENTRY, APP, seconds=1.0),),
    )
    assert blamed("hogs", seen) == {(GUEST, mechanism)}
    long_there = replace(seen, newcomers=(Newcomer(GUEST, ONSET - 5000, False),))
    assert blamed("hogs", long_there) == set()


def test_a_tenant_sends_steadily_and_a_herd_in_bursts() -> None:
    newcomers = (Newcomer(GUEST, ONSET - 20, False),)
    steady = replace(
        EMPTY, tracks={(ENTRY, "served"): step(50.0, 300.0), (GUEST, "cpu"): step(0.1, 0.1)}, newcomers=newcomers
    )
    assert blamed("crowds", steady) == {(GUEST, Mechanism.LOAD_TENANT)}
    herd = replace(steady, tracks={**steady.tracks, (ENTRY, "active"): bursts(600.0)})
    assert blamed("crowds", herd) == {(GUEST, Mechanism.LOAD_SYNCHRONISED)}
    highest_first = Series({}, TIMES, np.where(TIMES == ONSET, 1800.0, bursts(600.0).values))
    refused = replace(steady, tracks={**steady.tracks, (ENTRY, "active"): highest_first})
    assert blamed("crowds", refused) == {(GUEST, Mechanism.LOAD_SYNCHRONISED)}


def test_clients_that_hold_connections_of_an_idle_gateway() -> None:
    held = replace(EMPTY, tracks={(ENTRY, "open_connections"): step(4.0, 8000.0), (ENTRY, "cpu"): step(0.2, 0.1)})
    assert blamed("slow-clients", held) == {(ENTRY, Mechanism.LOAD_SLOW_CLIENTS)}
    behind = replace(held, tracks={**held.tracks, (ENTRY, "active"): step(3.0, 700.0)})
    assert blamed("slow-clients", behind) == set()


def test_a_program_that_fails_since_a_job_of_its_own_ran() -> None:
    job = Entity(kind="Job", namespace="shop", name="app-migrate")
    seen = replace(
        EMPTY, newcomers=(Newcomer(job, ONSET - 20, False, (), (APP,)),), calls=(call(ENTRY, APP, failing=0.6),)
    )
    assert blamed("schema", seen) == {(APP, Mechanism.DATA_SCHEMA)}
    well = replace(seen, calls=(call(ENTRY, APP),))
    assert blamed("schema", well) == set()


def test_messages_that_pile_up_are_their_consumers() -> None:
    seen = replace(EMPTY, tracks={(STORE, "backlog"): step(0.0, 900.0)}, users={STORE: (APP,)})
    assert blamed("queues", seen) == {(APP, Mechanism.QUEUE_CONSUMER_LAG)}
    given_up = replace(seen, tracks={**seen.tracks, (STORE, "dead_letters"): step(0.0, 3.0)})
    assert blamed("queues", given_up) == {(APP, Mechanism.QUEUE_POISON_MESSAGE)}
    sent = replace(given_up, newcomers=(Newcomer(GUEST, ONSET - 20, False), Newcomer(ENTRY, ONSET, True)))
    assert (GUEST, Mechanism.QUEUE_POISON_MESSAGE) in blamed("queues", sent)
    assert (ENTRY, Mechanism.QUEUE_POISON_MESSAGE) not in blamed("queues", sent)


def test_work_is_late_where_messages_wait_long_at_the_pace_at_which_they_are_taken() -> None:
    hump = Series({}, TIMES, np.where(TIMES < ONSET, 0.0, np.where(TIMES < ONSET + 200, 1500.0, 900.0)))
    seen = replace(
        EMPTY,
        tracks={(STORE, "backlog"): hump, (STORE, "consumed"): step(10.0, 1.0)},
        users={STORE: (APP,)},
    )
    quick = replace(seen, tracks={**seen.tracks, (STORE, "consumed"): step(10.0, 30.0)})
    many = replace(quick, tracks={**quick.tracks, (STORE, "backlog"): ramp(0.0, 900.0)})
    scores = [[one.score for one in BEHAVIOURS.get("queues").run(each)] for each in (seen, quick, many)]
    assert scores == [[0.8], [0.6], [0.8]]


def test_of_the_consumers_of_a_broker_those_that_fall_behind_are_meant() -> None:
    seen = replace(
        EMPTY,
        tracks={
            (STORE, "backlog"): step(0.0, 900.0),
            (APP, "active"): step(1.0, 16.0),
            (GUEST, "active"): step(1.0, 1.0),
        },
        users={STORE: (APP, GUEST)},
    )
    assert blamed("queues", seen) == {(APP, Mechanism.QUEUE_CONSUMER_LAG)}


def test_devices() -> None:
    failed = replace(EMPTY, devices={(NODE, "0", "device_error"): step(0.0, 79.0)})
    assert blamed("accelerator-failed", failed) == {(NODE, Mechanism.ACCELERATOR_FAILED)}
    programs = replace(EMPTY, devices={(NODE, "0", "device_error"): step(0.0, 31.0)})
    assert blamed("accelerator-failed", programs) == set()
    hot = {(NODE, "0", "device_celsius"): step(60.0, 91.0), (NODE, "0", "device_clock"): step(1400.0, 700.0)}
    assert blamed("accelerator-throttled", replace(EMPTY, devices=hot)) == {(NODE, Mechanism.ACCELERATOR_THROTTLED)}
    full = replace(EMPTY, devices={(NODE, "0", "device_memory"): step(0.6, 0.99)})
    assert blamed("accelerator-memory", full) == {(NODE, Mechanism.ACCELERATOR_MEMORY)}
    apart = {(Entity(kind="Node", name=f"n{i}"), "0", "device_busy"): step(90.0, 30.0 if i else 95.0) for i in range(4)}
    assert blamed("accelerator-straggler", replace(EMPTY, devices=apart)) == {
        (Entity(kind="Node", name="n0"), Mechanism.ACCELERATOR_STRAGGLER)
    }
