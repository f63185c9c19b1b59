"""ServiceAccount: every pod runs as an account of its namespace, with a token of it mounted."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.access.user import controller
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.names import random_suffix

DEFAULT = "default"
VOLUME = "kube-api-access"
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
EXPIRATION = 3607
_ENFORCE_SECRETS = "kubernetes.io/enforce-mountable-secrets"
_MIRROR = "kubernetes.io/config.mirror"
_CONTROLLER = controller("service-account-controller")


class ServiceAccount(Plugin):
    """As the plug-in of this name does. It waits for the default account, which a controller creates; here that account
    is created at once."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        return operation == "CREATE" and resource.shelf == "Pod" and not subresource

    def admit(self, request: Attributes) -> None:
        pod = request.new
        spec = pod["spec"]
        if _MIRROR in (pod["metadata"].get("annotations") or {}):
            return
        name = spec.get("serviceAccountName") or DEFAULT
        spec["serviceAccountName"] = spec["serviceAccount"] = name
        account = self._account(request, name)
        mounts = spec.get("automountServiceAccountToken", account.get("automountServiceAccountToken", True))
        if mounts is not False:
            _mount_token(request, spec)
        secrets = [dict(item) for item in account.get("imagePullSecrets") or ()]
        if secrets and not spec.get("imagePullSecrets"):
            spec["imagePullSecrets"] = secrets

    def validate(self, request: Attributes) -> None:
        spec = request.new["spec"]
        if _MIRROR in (request.new["metadata"].get("annotations") or {}):
            if spec.get("serviceAccountName"):
                raise request.forbidden("a mirror pod may not reference service accounts")
            return
        account = self._account(request, spec["serviceAccountName"])
        if (account["metadata"].get("annotations") or {}).get(_ENFORCE_SECRETS) in ("true", "True", "TRUE", "1", "t"):
            why = _secret_not_allowed(account, spec)
            if why:
                raise request.forbidden(why)

    def _account(self, request: Attributes, name: str) -> Manifest:
        namespace = request.namespace
        found = self._cluster.find("ServiceAccount", namespace, name)
        if found is None and name == DEFAULT and self._cluster.find("Namespace", "", namespace) is not None:
            metadata = {"name": name, "namespace": namespace}
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
            if request.dry_run:
                return account
            with self._cluster.acting(_CONTROLLER):
                found = self._cluster.create(account, manager="kube-controller-manager")
        if found is None:
            why = f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
            raise request.forbidden(why)
        return found


def token_volume(name: str) -> dict[str, Any]:
    """The volume with an account's token, the cluster's certificate and the namespace."""
    return {
        "name": name,
        "projected": {
            "sources": [
                {"serviceAccountToken": {"expirationSeconds": EXPIRATION, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                {
                    "downwardAPI": {
                        "items": [
                            {
                                "path": "namespace",
                                "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                            }
                        ]
                    }
                },
            ],
            "defaultMode": 420,
        },
    }


def _mount_token(request: Attributes, spec: dict[str, Any]) -> None:
    """Mount the token into every container that has nothing else at its place."""
    volumes = spec.get("volumes") or []
    known = next((volume["name"] for volume in volumes if volume["name"].startswith(f"{VOLUME}-")), "")
    name = known or f"{VOLUME}-{random_suffix(request.rng)}"
    needed = False
    for field in ("initContainers", "containers"):
        for container in spec.get(field) or ():
            mounts = container.get("volumeMounts") or []
            if not any(mount["mountPath"] == MOUNT_PATH for mount in mounts):
                mount = {"name": name, "readOnly": True, "mountPath": MOUNT_PATH}
                container["volumeMounts"] = [*mounts, mount]
                needed = True
    if needed and not known:
        spec["volumes"] = [*volumes, token_volume(name)]


def _secret_not_allowed(account: Manifest, spec: dict[str, Any]) -> str:
    """What a pod may not use, where its account limits it to its own secrets; empty where nothing is wrong."""
    own = account["metadata"]["name"]
    allowed = {item.get("name") for item in account.get("secrets") or ()}
    refused = f"is not allowed because service account {own} does not reference that secret"
    for volume in spec.get("volumes") or ():
        name = (volume.get("secret") or {}).get("secretName")
        if name is not None and name not in allowed:
            return f'volume with secret.secretName="{name}" {refused}'
    for field, title in (("initContainers", "init container"), ("containers", "container")):
        for container in spec.get(field) or ():
            for what, name in _secrets_of(container):
                if name not in allowed:
                    return f'{title} {container["name"]} with {what} referencing secret.secretName="{name}" {refused}'
    pulls = {item["name"] for item in account.get("imagePullSecrets") or ()}
    for index, item in enumerate(spec.get("imagePullSecrets") or ()):
        if item["name"] not in pulls:
            why = f"because service account {own} does not reference that imagePullSecret"
            return f'imagePullSecrets[{index}].name="{item["name"]}" is not allowed {why}'
    return ""


def _secrets_of(container: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for entry in container.get("env") or ():
        reference = (entry.get("valueFrom") or {}).get("secretKeyRef")
        if reference:
            found.append((f"envVar {entry['name']}", reference.get("name", "")))
    sources = [source["secretRef"] for source in container.get("envFrom") or () if source.get("secretRef")]
    return found + [("envFrom", source.get("name", "")) for source in sources]
