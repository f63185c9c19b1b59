"""Fault: an image of a registry that asks who one is."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers
from aiops.faults.kit.workloads import container_named, containers, find, for_container, for_pods, original
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

REGISTRY = "registry.private.example"
USER, PASSWORD = "puller", "let-me-in"
"""The account that the registry gives to clusters."""
LOGINS = ".dockerconfigjson"


async def _present(target: Target, before: Before, deployment: Entity, secret: str, form: str) -> bool:
    """Where the image is in the registry, the pods must bear the right login."""
    container, now = containers(original(before, deployment))[0], await find(target, deployment)
    changed = container_named(now, container["name"]) if now else None
    if now is None or changed is None:
        return True
    if not changed["image"].startswith(f"{REGISTRY}/"):
        return False
    spec = now["spec"]["template"]["spec"]
    account = Entity(
        kind="ServiceAccount", namespace=deployment.namespace, name=spec.get("serviceAccountName") or "default"
    )
    named = [
        *(spec.get("imagePullSecrets") or ()),
        *((await find(target, account) or {}).get("imagePullSecrets") or ()),
    ]
    secrets = [
        await find(target, Entity(kind="Secret", namespace=deployment.namespace, name=each["name"])) for each in named
    ]
    return not any(_is_login(item) for item in secrets if item)


async def _other_fix(target: Target, before: Before, deployment: Entity, secret: str, form: str) -> None:
    """The pods name the login that there is."""
    pulls: list[Manifest] = [{"name": secret}]
    if form == "misspelt":
        pulls.append({"name": _misspelt(secret), "$patch": "delete"})
    await target.patch(deployment, for_pods(imagePullSecrets=pulls))


@fault(
    Mechanism.IMAGE_CREDENTIALS,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def private_registry(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that calls Services", callers, Entity.parse)],
    secret: Annotated[str, one_of("registry-pull", "mirror-login", "image-puller", "regcred")],
    form: Annotated[str, one_of("unnamed", "misspelt")],
) -> GroundTruth:
    """A Deployment moves to a private registry and does not name its login, or not rightly: no image can be pulled."""
    if await find(target, Entity(kind="Secret", namespace=deployment.namespace, name=secret)):
        raise NotPossibleError(f"there is a Secret {secret}")
    container = containers(await target.get(deployment))[0]
    await target.create(_login(deployment.namespace, secret))
    changes: dict[str, Any] = for_container(
        container["name"], image=f"{REGISTRY}/{container['image'].partition('/')[2]}"
    )
    if form == "misspelt":
        changes["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": _misspelt(secret)}]
    await target.patch(deployment, changes)
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.IMAGE_CREDENTIALS,
        field=f"spec.template.spec.containers[{container['name']}].image",
    )


def _misspelt(secret: str) -> str:
    return f"{secret}s"


def _login(namespace: str, name: str) -> Manifest:
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    logins = json.dumps({"auths": {REGISTRY: {"username": USER, "password": PASSWORD, "auth": auth}}})
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "kubernetes.io/dockerconfigjson",
        "data": {LOGINS: base64.b64encode(logins.encode()).decode()},
    }


def _is_login(secret: Manifest) -> bool:
    """Whether a Secret holds the registry's login."""
    written = (secret.get("data") or {}).get(LOGINS)
    logins = json.loads(base64.b64decode(written)) if written else {}
    login = (logins.get("auths") or {}).get(REGISTRY) or {}
    return bool(login.get("password") == PASSWORD)
