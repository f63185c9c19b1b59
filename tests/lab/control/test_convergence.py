"""Whatever is asked for, in whatever order, the cluster gets there; and the same seed gets there the same way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    assert lab.status("Deployment", "web")["availableReplicas"] == 1000
    assert sum(len(item["endpoints"]) for item in lab.store.objects("EndpointSlice")) == 0
