"""Programs that behave otherwise: each behaviour is the same program with other numbers in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from aiops.core.disturbance.behaviour import (
    AcceleratorPace,
    Behaviour,
    CacheOff,
    ConnectionLeak,
    ConsumerStalled,
    CpuBurnt,
    Crash,
    FileLeak,
    Garbage,
    Hang,
    HastyCalls,
    LockHeld,
    MemoryHeld,
    MemoryLeak,
    MissingIndex,
    OperationCost,
    OperationErrors,
    PlaintextRefused,
    PoisonMessages,
    RefusedUser,
    SmallHeap,
    WrongAnswers,
)
from aiops.lab.apps.calling import Call
from aiops.lab.apps.program import Collector, Consumer, Leak, Lock, Program, Route

HUNG_SECONDS = 3600.0
"""How long a request waits that is never answered."""

_EMPTY_POOL = 5e-4
"""Connections of a pool that has none left: waiting for one is in vain, but the formulas stand."""

_NO_TIME = 1e-3

_STEPS = 32
"""In how many steps the files of a process are used up."""


def behave(program: Program, behaviour: Behaviour, elapsed: float) -> Program:
    """The program that has behaved so for `elapsed` seconds; itself where it has nothing that could."""
    match behaviour:
        case OperationErrors() | WrongAnswers() | OperationCost() | Hang() | LockHeld() | MissingIndex():
            return _with_routes(_told(program, behaviour), lambda name, route: _route(name, route, behaviour))
        case MemoryLeak():
            leak = Leak(
                bytes_per_request=program.leak.bytes_per_request + behaviour.bytes_per_request,
                bytes_per_second=program.leak.bytes_per_second + behaviour.bytes_per_second,
            )
            return program.model_copy(update={"leak": leak})
        case MemoryHeld() | CpuBurnt():
            return _burdened(program, behaviour)
        case Garbage() | SmallHeap():
            return _collecting(program, behaviour)
        case HastyCalls():
            return _with_calls(program, lambda call: _hasty(call, behaviour))
        case ConnectionLeak():
            return _leaking_connections(program, behaviour, leaked(behaviour, elapsed))
        case FileLeak():
            most = program.most_open_files
            left = max(most - _in_steps(leaked(behaviour, elapsed), most), _EMPTY_POOL)
            return program.model_copy(update={"max_open_files": left, "max_connections": 0})
        case CacheOff():
            return _without_caches(program, behaviour.cache)
        case ConsumerStalled() | PoisonMessages():
            return _with_consumers(program, behaviour)
        case AcceleratorPace():
            return slower_accelerator(program, behaviour.factor)
        case Crash() | RefusedUser() | PlaintextRefused():
            return program
    assert_never(behaviour)


def _told(program: Program, behaviour: Behaviour) -> Program:
    """The program that says of its errors what a behaviour lets it say."""
    if isinstance(behaviour, OperationErrors) and behaviour.cause:
        return program.model_copy(update={"error_cause": behaviour.cause})
    return program


def leaked(behaviour: ConnectionLeak | FileLeak, elapsed: float) -> int:
    """How many connections or files are gone after `elapsed` seconds."""
    return int(behaviour.per_second * elapsed)


def _in_steps(gone: int, most: int) -> int:
    """What is gone, in steps that are small against the whole: each step makes the layout anew."""
    return gone - gone % max(most // _STEPS, 1)


def failing(route: Route, share: float, status: int) -> Route:
    """A route of which a share of the requests fails."""
    ratio = 1.0 - (1.0 - route.error_ratio) * (1.0 - share)
    return route.model_copy(update={"error_ratio": ratio, "error_status": status})


def waiting(route: Route, seconds: float) -> Route:
    """A route that takes longer without working."""
    return route.model_copy(update={"wait_ms": route.wait_ms + 1000.0 * seconds})


def with_routes_of(program: Program, operation: str, change: Callable[[Route], Route]) -> Program:
    """The program with one operation changed; every one where none is named."""
    return _with_routes(program, lambda name, route: change(route) if _is_of(operation, name) else route)


def _is_of(operation: str, route: str) -> bool:
    """Whether a route is an operation, or one of those that a METHOD alone stands for."""
    return operation in ("", route, route.partition(" ")[0])


def slower_accelerator(program: Program, factor: float) -> Program:
    """The program whose work on the accelerator takes `factor` times as long."""
    changes: dict[str, object] = {}
    if program.training is not None:
        seconds = program.training.step_seconds * factor
        changes["training"] = program.training.model_copy(update={"step_seconds": seconds})
    if program.batch is not None:
        changes["batch"] = program.batch.model_copy(update={"fixed_ms": program.batch.fixed_ms * factor})
    made = program.model_copy(update=changes) if changes else program
    return with_routes_of(made, "", lambda route: _accelerated(route, factor))


def _accelerated(route: Route, factor: float) -> Route:
    if not route.accelerator_ms:
        return route
    return route.model_copy(update={"accelerator_ms": route.accelerator_ms * factor})


def _route(
    name: str, route: Route, behaviour: OperationErrors | WrongAnswers | OperationCost | Hang | LockHeld | MissingIndex
) -> Route:
    if isinstance(behaviour, MissingIndex):
        if not route.index or behaviour.index not in ("", route.index):
            return route
        scan = route.scan_ms * behaviour.scan_factor
        return route.model_copy(update={"cpu_ms": route.cpu_ms + scan, "index": ""})
    if not _is_of(behaviour.operation, name):
        return route
    match behaviour:
        case OperationErrors():
            return failing(route, behaviour.percent / 100, behaviour.status)
        case WrongAnswers():
            right = (1.0 - route.wrong_ratio) * (1.0 - behaviour.percent / 100)
            return route.model_copy(update={"wrong_ratio": 1.0 - right})
        case OperationCost():
            slower = route.model_copy(update={"cpu_ms": route.cpu_ms * behaviour.cpu_factor})
            return waiting(slower, behaviour.wait_seconds)
        case Hang():
            return waiting(route, HUNG_SECONDS)
        case LockHeld():
            lock = Lock(
                name="mutex",
                hold_ms=1000.0 * behaviour.hold_seconds,
                rows=behaviour.rows,
                timeout=behaviour.timeout_seconds,
            )
            return route.model_copy(update={"locks": (*route.locks, lock)})


def _with_routes(program: Program, change: Callable[[str, Route], Route]) -> Program:
    routes = {name: change(name, route) for name, route in program.routes.items()}
    if all(routes[name] is route for name, route in program.routes.items()):
        return program
    return program.model_copy(update={"routes": routes})


def _littering(program: Program, behaviour: Garbage) -> Program:
    collector = program.collector or Collector()
    slower = collector.model_copy(
        update={
            "pause_ms_per_gib": collector.pause_ms_per_gib * behaviour.pause_factor,
            "cpu_ms_per_gib": collector.cpu_ms_per_gib * behaviour.pause_factor,
        }
    )
    more = behaviour.bytes_per_request

    def litter(_: str, route: Route) -> Route:
        return route.model_copy(update={"allocated_bytes": route.allocated_bytes + more})

    return _with_routes(program, litter).model_copy(update={"collector": slower})


def _burdened(program: Program, behaviour: MemoryHeld | CpuBurnt) -> Program:
    if isinstance(behaviour, MemoryHeld):
        return program.model_copy(update={"resident_bytes": program.resident_bytes + behaviour.bytes})
    return program.model_copy(update={"idle_cpu": program.idle_cpu + behaviour.cores})


def _collecting(program: Program, behaviour: Garbage | SmallHeap) -> Program:
    if isinstance(behaviour, Garbage):
        return _littering(program, behaviour)
    return _with_heap(program, behaviour.percent / 100)


def _with_heap(program: Program, share: float) -> Program:
    if program.collector is None:
        return program
    collector = program.collector.model_copy(update={"heap_share": min(share, program.collector.heap_share)})
    return program.model_copy(update={"collector": collector})


def _with_calls(program: Program, change: Callable[[Call], Call]) -> Program:
    def changed(_: str, route: Route) -> Route:
        if not route.calls:
            return route
        return route.model_copy(update={"calls": tuple(tuple(map(change, stage)) for stage in route.calls)})

    return _with_routes(program, changed)


def _hasty(call: Call, behaviour: HastyCalls) -> Call:
    timeout = min(call.timeout, behaviour.timeout_seconds)
    held_back = {"backoff": None, "budget": None, "breaker": None}
    return call.model_copy(update={**held_back, "timeout": timeout, "retries": behaviour.retries})


def _leaking_connections(program: Program, behaviour: ConnectionLeak, gone: int) -> Program:
    pools = {
        name: pool.model_copy(update={"size": pool.size - gone if gone < pool.size else _EMPTY_POOL})
        if behaviour.variable in ("", name)
        else pool
        for name, pool in program.pools.items()
    }
    return program.model_copy(update={"pools": pools}) if pools else program


def _without_caches(program: Program, name: str) -> Program:
    caches = {
        key: cache.model_copy(update={"ttl_seconds": _NO_TIME}) if name in ("", key) else cache
        for key, cache in program.caches.items()
    }
    return program.model_copy(update={"caches": caches}) if caches else program


def _with_consumers(program: Program, behaviour: ConsumerStalled | PoisonMessages) -> Program:
    consumers = tuple(
        _consumer(each, behaviour) if behaviour.topic in ("", each.topic) else each for each in program.consumers
    )
    return program.model_copy(update={"consumers": consumers}) if consumers else program


def _consumer(consumer: Consumer, behaviour: ConsumerStalled | PoisonMessages) -> Consumer:
    if isinstance(behaviour, ConsumerStalled):
        return consumer.model_copy(update={"workers": int(consumer.workers * behaviour.workers_percent / 100)})
    return consumer.model_copy(update={"poison": 1.0 - (1.0 - consumer.poison) * (1.0 - behaviour.percent / 100)})
