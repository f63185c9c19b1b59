"""What behaviours do to a program: heaps, hasty calls, whole methods, indexes; and leaks that end with a process."""

from __future__ import annotations

from aiops.core.disturbance import Pods
from aiops.core.disturbance.behaviour import FileLeak, HastyCalls, MissingIndex, OperationErrors, SmallHeap
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Manifest
from aiops.lab.apps.calling import Call
from aiops.lab.apps.program import Collector, Program, Route
from aiops.lab.disturbances.programs import behave
from tests.support.worlds import aged

CALL = Call(to="DB", route="find", timeout=0.5)
PROGRAM = Program(
    language="java",
    image="registry.example.com/shop/web",
    versions=("1.0.0",),
    port=8080,
    collector=Collector(heap_share=0.7),
    routes={
        "GET /a": Route(cpu_ms=1, calls=((CALL,),)),
        "POST /a": Route(cpu_ms=1, index="by-key", scan_ms=40),
        "POST /b": Route(cpu_ms=1),
    },
)
PLAIN = PROGRAM.model_copy(update={"collector": None})


def test_a_method_alone_is_every_operation_with_it() -> None:
    changed = behave(PROGRAM, OperationErrors(operation="POST", percent=100), 0.0)
    assert {name for name, route in changed.routes.items() if route.error_ratio == 1.0} == {"POST /a", "POST /b"}


def test_errors_may_be_about_something() -> None:
    assert behave(PROGRAM, OperationErrors(percent=50, cause="schema"), 0.0).error_cause == "schema"
    assert not behave(PROGRAM, OperationErrors(percent=50), 0.0).error_cause


def test_clients_of_another_schema_name_the_column() -> None:
    world = aged(120.0)
    pods = Pods(namespace="hotel", labels={"app": "geo"})
    errors = OperationErrors(percent=100, cause="schema")
    world.disturbances.begin("d1", Misbehaviour(pods=pods, behaviours=(errors,)))
    for _ in world.ticks(30):
        pass
    geo = [process for process in world.runtime.running() if process.container.name == "geo"]
    lines = [text for process in geo for _, text in world.logs(process.container.id, None, None)]
    assert any("column" in text and "state" in text for text in lines)


def test_a_heap_is_never_larger_than_before() -> None:
    small = behave(PROGRAM, SmallHeap(percent=20), 0.0).collector
    large = behave(PROGRAM, SmallHeap(percent=90), 0.0).collector
    assert small is not None
    assert large is not None
    assert (small.heap_share, large.heap_share) == (0.2, 0.7)
    assert behave(PLAIN, SmallHeap(percent=20), 0.0) is PLAIN


def test_hasty_calls_are_given_up_and_made_again() -> None:
    changed = behave(PROGRAM, HastyCalls(timeout_seconds=0.01, retries=3), 0.0)
    call = changed.routes["GET /a"].calls[0][0]
    assert (call.timeout, call.retries, call.backoff, call.breaker) == (0.01, 3, None, None)
    assert changed.routes["POST /b"] is PROGRAM.routes["POST /b"]


def test_the_more_there_is_to_read_the_longer_it_takes_without_an_index() -> None:
    changed = behave(PROGRAM, MissingIndex(scan_factor=5.0), 0.0)
    assert changed.routes["POST /a"].cpu_ms == 201.0


def test_what_a_process_leaked_is_free_when_it_has_ended() -> None:
    world = aged(120.0)
    pods = Pods(namespace="hotel", labels={"app": "geo"})
    world.disturbances.begin("d1", Misbehaviour(pods=pods, behaviours=(FileLeak(per_second=4),)))

    def left() -> list[float]:
        return sorted(p.program.max_open_files for p in world.runtime.running() if p.name == "geo")

    for _ in world.ticks(120.0):
        pass
    before = left()
    victim: Manifest = next(
        pod for pod in world.cluster.objects("Pod", "hotel") if pod["metadata"]["name"][:4] == "geo-"
    )
    world.cluster.delete("Pod", "hotel", victim["metadata"]["name"])
    for _ in world.ticks(60.0):
        pass
    after = left()
    assert max(before) < 700
    assert after[0] < before[0]
    assert after[-1] > before[-1]


def test_pods_are_chosen_by_the_image_that_they_run() -> None:
    world = aged(120.0)
    image = next(p.container.image for p in world.runtime.running() if p.name == "geo")
    errors = OperationErrors(percent=50)
    for wanted, felt in ((image, True), (image + "-rc1", False)):
        pods = Pods(namespace="hotel", labels={"app": "geo"}, image=wanted)
        assert world.disturbances.feels(Misbehaviour(pods=pods, behaviours=(errors,))) == felt
