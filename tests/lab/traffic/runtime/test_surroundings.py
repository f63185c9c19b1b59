"""What a container runtime finds around its processes, with the traffic and without."""

from __future__ import annotations

from typing import Any

from aiops.lab.apps.program import Program, Route
from aiops.lab.ports import ContainerStart
from aiops.lab.traffic.processes.process import Plight, Process
from aiops.lab.traffic.runtime.surroundings import Alone, Surroundings

PROGRAM = Program(language="go", image="shop/geo", versions=("1",), port=8080, routes={"GET /x": Route(cpu_ms=1.0)})


def _process() -> Process:
    pod = {"metadata": {"name": "geo-0", "namespace": "shop"}, "spec": {"nodeName": "node-1"}}
    start = ContainerStart(id="one", pod=pod, name="geo", image="shop/geo:1", started_at=0.0)
    return Process(start, "geo", PROGRAM, listens_at=1.0)


def test_alone_a_process_answers_what_its_program_knows() -> None:
    around, process = Alone(), _process()
    assert around.answer(process, "GET", "/healthz")[0] == 200
    assert around.answer(process, "GET", "/x")[0] == 200
    assert around.answer(process, "POST", "/x")[0] == 404
    assert around.answer(process, "GET", "/nothing")[0] == 404


def test_alone_nothing_is_disturbed_and_nobody_measures() -> None:
    around: Surroundings = Alone()
    assert around.paths() is None
    assert around.plight(_process()) == Plight()
    assert around.use("one") is None
    assert around.node_use() == {}


def test_with_traffic_there_are_samples_and_answers_take_time(plain_cluster: Any) -> None:
    plain_cluster.run(30)
    around: Surroundings = plain_cluster.traffic
    container = plain_cluster.container("geo-0")
    [process] = [each for each in plain_cluster.traffic.runtime.running() if each.container.id == container]
    status, seconds = around.answer(process, "GET", process.program.health_paths[0])
    assert status == 200
    assert seconds > 0
    assert around.answer(process, "GET", "/nothing")[0] == 404
    use = around.use(container)
    assert use is not None
    assert use.memory > 0
    assert around.use("nobody") is None
    machines = around.node_use()
    assert machines[process.container.pod["spec"]["nodeName"]].memory >= use.memory
