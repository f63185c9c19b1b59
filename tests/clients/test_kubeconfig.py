"""Configuration of the cluster: files, contexts, credential plug-ins."""

from __future__ import annotations

import sys

import httpx2
import pytest
import yaml

from aiops.clients.kubeconfig import TokenAuth, load_access
from aiops.core.errors import ConfigurationError


def write(path, user, server="http://127.0.0.1:1"):
    path.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "one",
                "clusters": [
                    {"name": "one", "cluster": {"server": server}},
                    {"name": "two", "cluster": {"server": "https://two:6443", "insecure-skip-tls-verify": True}},
                ],
                "users": [{"name": "me", "user": user}],
                "contexts": [
                    {"name": "one", "context": {"cluster": "one", "user": "me"}},
                    {"name": "two", "context": {"cluster": "two", "user": "me"}},
                ],
            }
        )
    )
    return path


def test_a_token(tmp_path):
    access = load_access(write(tmp_path / "config", {"token": "abc"}))
    assert access.server == "http://127.0.0.1:1"
    assert access.tls is None
    assert access.token is not None
    assert access.token() == "Bearer abc"


def test_another_context(tmp_path):
    access = load_access(write(tmp_path / "config", {"token": "abc"}), "two")
    assert access.server == "https://two:6443"
    assert access.tls is not None
    assert not access.tls.check_hostname


def test_a_credential_plug_in(tmp_path):
    credential = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t9"}}'
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": ["-c", f"print({credential!r})"],
            "interactiveMode": "Never",
        }
    }
    access = load_access(write(tmp_path / "config", user))
    assert access.token is not None
    assert access.token() == "Bearer t9"


def test_the_environment_names_the_file(tmp_path, monkeypatch):
    from kubernetes.config import kube_config

    path = write(tmp_path / "config", {"token": "abc"})
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    assert load_access().server == "http://127.0.0.1:1"


def test_what_is_not_there_is_named(tmp_path, monkeypatch):
    from kubernetes.config import kube_config

    with pytest.raises(ConfigurationError, match=r"nothing is no file"):
        load_access(tmp_path / "nothing")
    with pytest.raises(ConfigurationError, match="three"):
        load_access(write(tmp_path / "config", {"token": "abc"}), "three")
    (tmp_path / "empty").write_text("")
    with pytest.raises(ConfigurationError):
        load_access(tmp_path / "empty")
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "nothing"))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(ConfigurationError, match=r"no kubeconfig at .*nothing: name one with AIOPS_KUBECONFIG"):
        load_access()


def test_a_user_without_credentials_sends_none(tmp_path):
    access = load_access(write(tmp_path / "config", {}))
    assert access.token is not None
    assert access.token() is None


async def test_the_token_is_asked_for_each_request():
    tokens = iter(["first", "Bearer second", None])
    seen = []

    def answer(request):
        seen.append(request.headers.get("Authorization"))
        return httpx2.Response(200)

    auth = TokenAuth(lambda: next(tokens))
    async with httpx2.AsyncClient(auth=auth, transport=httpx2.MockTransport(answer)) as http:
        for _ in range(3):
            await http.get("http://x")
    assert seen == ["Bearer first", "Bearer second", None]


@pytest.mark.parametrize("text", ["x: [", "just text", "apiVersion: v1\nkind: Config\nclusters: 5\n", "\udcff", "[]"])
def test_a_file_that_is_no_kubeconfig_is_named(tmp_path, text):
    (tmp_path / "config").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ConfigurationError, match="config"):
        load_access(tmp_path / "config")
