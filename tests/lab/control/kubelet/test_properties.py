"""What holds of every duration, quantity, ranking and command line; and that any pod comes to rest."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.core.quantity import parse_quantity
from aiops.lab.control.kubelet.durations import go_duration
from aiops.lab.control.kubelet.eviction import CRITICAL, PodUse, binary, rank
from aiops.lab.control.kubelet.images import name_problem
from aiops.lab.control.kubelet.requests import pod_requests
from aiops.lab.ports import ContainerUse, ProcessStatus
from aiops.lab.traffic.runtime.commands.connections import split_options
from aiops.lab.traffic.runtime.commands.scripts import parse

ENDS = {
    "good:1": ProcessStatus(running=False, exit_code=0, reason="Completed"),
    "bad:1": ProcessStatus(running=False, exit_code=1, reason="Error"),
}
IMAGES = st.sampled_from(["good:1", "bad:1", "stays:1"])
POLICIES = st.sampled_from(["Always", "OnFailure", "Never"])


@given(st.integers(0, 10**7))
def test_durations_are_read_back(milliseconds: int) -> None:
    text = go_duration(milliseconds / 1000)
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    if text.endswith("ms"):
        assert int(text[:-2]) == milliseconds
        return
    total, number = 0.0, ""
    for sign in text:
        if sign in units:
            total, number = total + float(number) * units[sign], ""
        else:
            number += sign
    assert total == pytest.approx(milliseconds / 1000, abs=0.0011)


@given(st.integers(0, 2**50))
def test_sizes_are_read_back(size: int) -> None:
    assert parse_quantity(binary(size)) == size


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 3), st.integers(0, 100)), max_size=8))
def test_who_is_evicted_first(pods: list[tuple[int, int, int]]) -> None:
    uses = [
        PodUse(
            {
                "metadata": {"name": str(number), "namespace": "d"},
                "spec": {
                    "priority": CRITICAL if priority == 3 else priority,
                    "containers": [{"name": "c", "resources": {"requests": {"memory": str(asked)}}}],
                },
            },
            {"c": ContainerUse(memory=float(used))},
        )
        for number, (used, priority, asked) in enumerate(pods)
    ]
    ranked = rank(uses, "memory")
    assert all(pod.priority < CRITICAL for pod in ranked)
    for first, second in itertools.pairwise(ranked):
        over, under = first.over_request("memory"), second.over_request("memory")
        assert (over <= 0, first.priority, -over) <= (under <= 0, second.priority, -under)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.lists(st.tuples(st.integers(0, 9), st.booleans())))
def test_a_pod_asks_for_its_largest_moment(main: list[int], init: list[tuple[int, bool]]) -> None:
    def container(cpu: int, **more: Any) -> dict[str, Any]:
        return {"resources": {"requests": {"cpu": str(cpu)}}, **more}

    spec = {
        "containers": [container(cpu) for cpu in main],
        "initContainers": [container(cpu, **({"restartPolicy": "Always"} if stays else {})) for cpu, stays in init],
    }
    running, moments = 0, [0]
    for cpu, stays in init:
        moments.append(running + cpu)
        running += cpu if stays else 0
    assert pod_requests({"spec": spec})["cpu"] == max(max(moments), sum(main) + running)


@given(st.text("aA/:.-_@", max_size=20))
def test_a_name_of_an_image_is_one_or_not(name: str) -> None:
    assert name_problem(name) == "" or f'couldn\'t parse image name "{name}"' in name_problem(name)


@given(st.lists(st.text(max_size=6), max_size=6))
def test_any_command_line_is_read(words: list[str]) -> None:
    options, rest = split_options(words, ("-w",))
    assert all(name.startswith("-") for name in options)
    assert len(rest) <= len(words)


@given(st.text(max_size=40))
def test_any_script_is_read_or_opaque(text: str) -> None:
    script = parse(text, {"A": "b"})
    assert script is None or all(step.words for step in (*script.steps, *script.loop))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    st.lists(IMAGES, max_size=2),
    st.lists(st.booleans(), max_size=1),
    st.lists(IMAGES, min_size=1, max_size=2),
    POLICIES,
)
def test_any_pod_comes_to_rest(
    make_lab: Any, init: list[str], sidecars: list[bool], main: list[str], policy: str
) -> None:
    """It runs, waits to be started again, or is over: then nothing of it runs. Deleted it is gone."""
    lab = make_lab(nodes=1)
    lab.processes.exits = dict(ENDS)
    first = [{"name": f"i{n}", "image": image} for n, image in enumerate(init)]
    first += [{"name": "side", "image": "stays:1", "restartPolicy": "Always"} for _ in sidecars]
    containers = [{"name": f"c{n}", "image": image} for n, image in enumerate(main)]
    spec = {"restartPolicy": policy, "initContainers": first, "containers": containers}
    lab.create("v1", "Pod", "one", spec=spec)
    lab.ticks(12)
    status = lab.status("Pod", "one")
    assert status["phase"] in ("Pending", "Running", "Succeeded", "Failed")
    if status["phase"] in ("Succeeded", "Failed"):
        assert policy != "Always"
        assert lab.processes.running == {}
        codes = [
            entry["state"]["terminated"]["exitCode"]
            for entry in status["containerStatuses"]
            if "terminated" in entry["state"]
        ]
        assert (status["phase"] == "Succeeded") == (codes == [0] * len(main))
    lab.store.delete("Pod", "default", "one")
    lab.ticks(4)
    assert lab.store.find("Pod", "default", "one") is None
    assert lab.processes.running == {}
