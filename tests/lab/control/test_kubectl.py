"""The real kubectl against the lab's API, with the control plane running."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from aiops.core.clock import SystemClock, pause
from aiops.lab.access_files import write_kubeconfig
from aiops.lab.certificates import self_signed
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.serving import LOOPBACK, Served

KUBECTL = shutil.which("kubectl")
pytestmark = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on the PATH")

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: "app:1"
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {port: 80}, periodSeconds: 5}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""


class Kubectl:
    """Runs kubectl with a home of its own; answers with what it printed."""

    def __init__(self, home: Path, lab: Any) -> None:
        self.home = home
        self.lab = lab
        (home / "web.yaml").write_text(WEB)

    async def __call__(self, line: str, *more: str, fails: bool = False) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "KUBECONFIG": str(self.home / "admin.kubeconfig"),
        }
        process = await asyncio.create_subprocess_exec(
            str(KUBECTL),
            *line.split(),
            *more,
            cwd=self.home,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 30)
        assert (process.returncode != 0) == fails, f"kubectl {line}: {out.decode()}{err.decode()}"
        return out.decode() + err.decode() if fails else out.decode()


@pytest.fixture
async def kubectl(lab: Any, tmp_path: Path) -> AsyncIterator[Kubectl]:
    tokens = {"secret": User("admin", (MASTERS,)), "other": User("bob")}
    app = kubernetes_app(lab.store, tokens=tokens, logs=lab.processes.logs)
    certificate = self_signed(LOOPBACK, SystemClock().now())

    async def live() -> None:
        while True:
            lab.ticks()
            await pause(0.05)

    living = asyncio.create_task(live())
    async with Served(app, certificate) as server:
        write_kubeconfig(tmp_path, "admin", server=server, certificate=certificate, token="secret", namespace="default")
        yield Kubectl(tmp_path, lab)
    living.cancel()
    with suppress(asyncio.CancelledError):
        await living


async def test_a_deployment_from_apply_to_delete(kubectl: Kubectl) -> None:
    applied = await kubectl("apply --validate=false -f web.yaml")
    assert applied == "deployment.apps/web created\nservice/web created\n"
    assert "successfully rolled out" in await kubectl("rollout status deploy/web --timeout=20s")
    assert "unchanged" in await kubectl("apply --validate=false -f web.yaml")

    wide = await kubectl("get pods -A -o wide")
    assert wide.split()[:6] == ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert wide.count("1/1     Running") == 2
    listed = await kubectl("get deploy,rs,svc,ep,endpointslices,nodes,ns")
    assert "deployment.apps/web   2/2     2            2" in listed
    assert "node/node-0   Ready" in listed

    assert "image updated" in await kubectl("set image deploy/web web=app:2")
    await kubectl("rollout status deploy/web --timeout=20s")
    history = await kubectl("rollout history deploy/web")
    assert [line.split()[0] for line in history.splitlines() if line[:1].isdigit()] == ["1", "2"]
    await kubectl("rollout undo deploy/web")
    await kubectl("rollout status deploy/web --timeout=20s")
    image = await kubectl("get deploy web -o", "jsonpath={.spec.template.spec.containers[0].image}")
    assert image == "app:1"

    await kubectl("scale deploy/web --replicas=1")
    await kubectl("wait --for=jsonpath={.status.readyReplicas}=1 deploy/web --timeout=20s")
    assert "deleted" in await kubectl("delete deploy web --cascade=foreground --timeout=20s")
    assert await kubectl("get pods") == ""


async def test_changes_of_fields(kubectl: Kubectl) -> None:
    await kubectl("apply --validate=false -f web.yaml")
    await kubectl("patch svc web -p", '{"spec":{"ports":[{"port":80,"targetPort":8080}]}}')
    service = yaml.safe_load(await kubectl("get svc web -o yaml --show-managed-fields"))
    assert service["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 8080}]
    assert "kubectl-patch" in [entry["manager"] for entry in service["metadata"]["managedFields"]]
    await kubectl("set env deploy/web MODE=fast")
    await kubectl("set resources deploy/web --limits=memory=64Mi,cpu=200m")
    await kubectl("label deploy web tier=front")
    await kubectl("annotate deploy web note=hello")
    found = yaml.safe_load(await kubectl("get deploy -l tier=front -o yaml"))["items"][0]
    container = found["spec"]["template"]["spec"]["containers"][0]
    assert container["env"] == [{"name": "MODE", "value": "fast"}]
    assert container["resources"]["limits"] == {"memory": "64Mi", "cpu": "200m"}
    assert found["metadata"]["annotations"]["note"] == "hello"
    (kubectl.home / "five.yaml").write_text(WEB.replace("replicas: 2", "replicas: 5"))
    assert "+  replicas: 5" in await kubectl("diff -f five.yaml", fails=True)
    await kubectl("rollout restart deploy/web")
    await kubectl("rollout pause deploy/web")
    await kubectl("rollout resume deploy/web")
    await kubectl("rollout status deploy/web --timeout=20s")
    assert "serverside-applied" in await kubectl("apply --server-side --force-conflicts --validate=false -f web.yaml")


async def test_describe_logs_and_events(kubectl: Kubectl) -> None:
    await kubectl("apply --validate=false -f web.yaml")
    await kubectl("rollout status deploy/web --timeout=20s")
    pod = await kubectl("describe pod -l app=web")
    assert "Successfully assigned default/web-" in pod
    assert "Controlled By:  ReplicaSet/web-" in pod
    deployment = await kubectl("describe deploy web")
    assert "Progressing    True    NewReplicaSetAvailable" in deployment
    assert "Scaled up replica set web-" in deployment
    assert "TargetPort:               80/TCP" in await kubectl("describe svc web")
    assert "KubeletReady" in await kubectl("describe node node-0")
    assert await kubectl("logs deploy/web --tail=2") == "web line 3\nweb line 4\n"
    assert (await kubectl("logs deploy/web --timestamps --tail=1")).startswith("2026-05-28T20:")
    assert "previous terminated container" in await kubectl("logs deploy/web -p", fails=True)
    assert "SuccessfulCreate" in await kubectl("get events --sort-by=.lastTimestamp")


async def test_rights(kubectl: Kubectl) -> None:
    assert await kubectl("auth can-i list pods") == "yes\n"
    assert "Forbidden" in await kubectl("get pods --as bob", fails=True)
    await kubectl("create role reader --verb=get,list --resource=pods")
    await kubectl("create rolebinding readers --role=reader --user=bob")
    assert await kubectl("auth can-i list pods --as bob") == "yes\n"
    assert "pods" in await kubectl("auth can-i --list --as bob")
    assert await kubectl("get pods --as bob") == ""


async def test_nodes_and_objects_from_the_command_line(kubectl: Kubectl) -> None:
    await kubectl("cordon node-1")
    assert "Ready,SchedulingDisabled" in await kubectl("get nodes")
    await kubectl("uncordon node-1")
    await kubectl("create ns shop")
    await kubectl("-n shop create configmap settings --from-literal=mode=fast")
    await kubectl("-n shop create secret generic keys --from-literal=a=b")
    await kubectl("-n shop create deployment cart --image=app:1 --replicas=2 --port=80")
    await kubectl("-n shop expose deploy cart --port 80")
    await kubectl("-n shop rollout status deploy/cart --timeout=20s")
    assert "mode: fast" in await kubectl("-n shop get cm settings -o yaml")
    assert "evicted" in await kubectl("drain node-0 --timeout=20s")
    assert "deleted" in await kubectl("delete ns shop --timeout=20s")
    assert "doesn't have a resource type" in await kubectl("get nonsense", fails=True)
    assert "deployments" in await kubectl("api-resources")


async def test_a_watch_shows_changes(kubectl: Kubectl) -> None:
    watching = asyncio.create_task(kubectl("get pods -w --request-timeout=3s"))
    await pause(1.0)
    kubectl.lab.deploy(replicas=1)
    lines = (await watching).splitlines()
    states = [line.split()[2] for line in lines if line.startswith("web-")]
    assert states[0] == "Pending"
    assert states[-1] == "Running"
