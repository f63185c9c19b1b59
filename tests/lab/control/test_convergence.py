"""Whatever is asked for, in whatever order, the cluster gets there; and the same seed gets there the same way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.lab.ports import ProcessStatus

ROOT = Path(__file__).parents[3]

edits = st.lists(
    st.one_of(
        st.tuples(st.just("scale"), st.integers(0, 6)),
        st.tuples(st.just("image"), st.integers(1, 4)),
        st.tuples(st.just("kill"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.integers(1, 5)),
        st.tuples(st.just("pause"), st.booleans()),
        st.tuples(st.just("strategy"), st.sampled_from(["Recreate", "RollingUpdate"])),
    ),
    max_size=12,
)


def _act(lab: Any, what: str, value: Any) -> None:
    if what == "scale":
        lab.scale("web", value)
    elif what == "image":
        lab.set_image("web", f"app:{value}")
    elif what == "wait":
        lab.ticks(value)
    elif what == "kill" and len(lab.pods()) > value:
        lab.store.delete("Pod", "default", lab.pods()[value]["metadata"]["name"])
    elif what == "pause":
        lab.edit("Deployment", "web", lambda item: item["spec"].update(paused=value))
    elif what == "strategy":
        lab.edit("Deployment", "web", lambda item: item["spec"].update(strategy={"type": value}))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits)
def test_any_edits_end_in_what_was_asked_for(make_lab: Any, steps: list[tuple[str, Any]]) -> None:
    lab = make_lab()
    lab.create("v1", "Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
    lab.deploy(replicas=2)
    for what, value in steps:
        _act(lab, what, value)
    lab.edit("Deployment", "web", lambda item: item["spec"].update(paused=False))
    lab.settle(200)
    spec = lab.store.get("Deployment", "default", "web")["spec"]
    image = spec["template"]["spec"]["containers"][0]["image"]
    assert [pod["spec"]["containers"][0]["image"] for pod in lab.pods()] == [image] * spec["replicas"]
    assert set(lab.words()) <= {"Running"}
    assert len(lab.processes.running) == spec["replicas"]
    (slice_,) = lab.store.objects("EndpointSlice", "default")
    addresses = sorted(endpoint["addresses"][0] for endpoint in slice_["endpoints"] or ())
    assert addresses == sorted(pod["status"]["podIP"] for pod in lab.pods())
    assert lab.status("Deployment", "web").get("availableReplicas", 0) == spec["replicas"]


SCRIPT = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
import orjson, zlib
spec = spec_from_file_location("lab", sys.argv[1])
module = module_from_spec(spec)
sys.modules["lab"] = module
spec.loader.exec_module(module)
lab = module.Lab(seed=5)
lab.create("v1", "Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
lab.deploy(replicas=4)
lab.ticks(4)
lab.processes.exits["app:2"] = module.ProcessStatus(False, 137, "OOMKilled")
lab.set_image("web", "app:2")
lab.ticks(40)
kinds = ("Pod", "ReplicaSet", "Deployment", "EndpointSlice", "Endpoints", "Event", "Node", "ServiceAccount")
data = orjson.dumps([lab.store.objects(kind) for kind in kinds])
sys.stdout.write(f"{len(data)} {zlib.crc32(data)}")
"""


def test_two_processes_with_other_hash_seeds_give_the_same_objects() -> None:
    results = []
    for hash_seed in ("1", "77"):
        command = [sys.executable, "-c", SCRIPT, str(Path(__file__).with_name("conftest.py"))]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
        results.append(done.stdout)
    assert results[0] == results[1]
    assert int(results[0].split()[0]) > 10_000


def test_nothing_to_do_writes_nothing(lab: Any) -> None:
    lab.deploy(replicas=3, container={"readinessProbe": {"httpGet": {"port": 80}}})
    lab.settle()
    before = lab.store.revision
    lab.ticks(40)
    assert lab.store.revision == before


def test_a_thousand_pods_settle(make_lab: Any) -> None:
    lab = make_lab(nodes=0)
    for index in range(10):
        lab.create("v1", "Node", f"node-{index}", status={"capacity": {"cpu": "64", "memory": "256Gi", "pods": "200"}})
    lab.deploy(replicas=1000)
    lab.settle()
    lab.ticks(6)  # one burst of pods takes half a minute
    lab.settle()
    assert lab.status("Deployment", "web")["availableReplicas"] == 1000
    assert sum(len(item["endpoints"]) for item in lab.store.objects("EndpointSlice")) == 0


# ---- sets, daemons and jobs from random states


set_edits = st.lists(
    st.one_of(
        st.tuples(st.just("scale"), st.integers(0, 4)),
        st.tuples(st.just("image"), st.integers(1, 3)),
        st.tuples(st.just("kill"), st.integers(0, 3)),
        st.tuples(st.just("relabel"), st.integers(0, 3)),
        st.tuples(st.just("wait"), st.integers(1, 4)),
    ),
    max_size=8,
)
LABELS = {"app": "db"}


def _template(image: str) -> dict[str, Any]:
    return {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "app", "image": image}]}}


def _change(lab: Any, kind: str, what: str, value: int) -> None:
    pods = lab.pods("db")
    if what == "wait":
        lab.ticks(value)
    elif what == "kill" and len(pods) > value:
        lab.store.delete("Pod", "default", pods[value]["metadata"]["name"])
    elif what == "relabel" and len(pods) > value:
        lab.edit("Pod", pods[value]["metadata"]["name"], lambda pod: pod["metadata"]["labels"].update(app="free"))
    elif what == "image":
        lab.edit(kind, "db", lambda item: item["spec"].update(template=_template(f"app:{value}")))
    elif what == "scale" and kind != "DaemonSet":
        lab.edit(kind, "db", lambda item: item["spec"].update(replicas=value))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["OrderedReady", "Parallel"]), set_edits)
def test_a_stateful_set_ends_with_its_numbers(make_lab: Any, policy: str, steps: list[tuple[str, int]]) -> None:
    lab = make_lab()
    spec = {"replicas": 2, "serviceName": "db", "selector": {"matchLabels": LABELS}, "template": _template("app:1")}
    lab.create("apps/v1", "StatefulSet", "db", spec={**spec, "podManagementPolicy": policy})
    for what, value in steps:
        # A pod of the set that loses its label stays in the way of the next one of its name.
        _change(lab, "StatefulSet", "kill" if what == "relabel" else what, value)
    lab.settle(200)
    wanted = lab.store.get("StatefulSet", "default", "db")["spec"]
    image = wanted["template"]["spec"]["containers"][0]["image"]
    names = [pod["metadata"]["name"] for pod in lab.pods("db")]
    assert names == [f"db-{number}" for number in range(wanted["replicas"])]
    assert {pod["spec"]["containers"][0]["image"] for pod in lab.pods("db")} <= {image}
    status = lab.status("StatefulSet", "db")
    assert status["currentRevision"] == status["updateRevision"]
    assert status.get("readyReplicas", 0) == wanted["replicas"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([(1, 0), (0, 1), ("50%", 0)]), set_edits)
def test_daemons_end_on_every_node(make_lab: Any, bounds: tuple[Any, Any], steps: list[tuple[str, int]]) -> None:
    lab = make_lab()
    rolling = {"maxUnavailable": bounds[0], "maxSurge": bounds[1]}
    spec = {"selector": {"matchLabels": LABELS}, "template": _template("app:1")}
    strategy = {"type": "RollingUpdate", "rollingUpdate": rolling}
    lab.create("apps/v1", "DaemonSet", "db", spec={**spec, "updateStrategy": strategy})
    for what, value in steps:
        _change(lab, "DaemonSet", what, value)
    lab.settle(200)
    image = lab.store.get("DaemonSet", "default", "db")["spec"]["template"]["spec"]["containers"][0]["image"]
    found = {pod["spec"]["nodeName"]: pod["spec"]["containers"][0]["image"] for pod in lab.pods("db")}
    assert found == dict.fromkeys(("node-0", "node-1", "node-2"), image)
    assert len(lab.pods("db")) == 3
    assert lab.status("DaemonSet", "db")["numberAvailable"] == 3


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 5), st.integers(1, 4), st.booleans(), set_edits)
def test_a_job_ends_with_its_completions(
    make_lab: Any, completions: int, parallelism: int, indexed: bool, steps: list[tuple[str, int]]
) -> None:
    lab = make_lab()
    template = _template("app:1")
    template["spec"]["restartPolicy"] = "Never"
    spec = {"completions": completions, "parallelism": parallelism, "backoffLimit": 100, "template": template}
    lab.create("batch/v1", "Job", "db", spec={**spec, "completionMode": "Indexed" if indexed else "NonIndexed"})
    for what, value in steps:
        if what in ("kill", "wait"):
            _change(lab, "Job", what, value)
        elif what == "scale":
            lab.edit("Job", "db", lambda job, n=value: job["spec"].update(parallelism=n, suspend=n == 3))
    lab.processes.exits["app:1"] = ProcessStatus(running=False, exit_code=0, reason="Completed")
    lab.edit("Job", "db", lambda job: job["spec"].update(parallelism=2, suspend=False))
    lab.settle(400)
    status = lab.status("Job", "db")
    assert status["succeeded"] == completions
    assert status["uncountedTerminatedPods"] == {}
    assert [entry["type"] for entry in status["conditions"]][-1] == "Complete"
    assert all("finalizers" not in pod["metadata"] for pod in lab.store.objects("Pod", "default"))
