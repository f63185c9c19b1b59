"""How to reach a cluster: configuration and credentials by the official package, the rest is ours."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import yaml

from aiops.core.errors import ConfigurationError

if TYPE_CHECKING:
    from kubernetes.client import Configuration


UNREADABLE = (yaml.YAMLError, OSError, ValueError, TypeError, AttributeError, LookupError)
"""What the official package lets through for a file that is no kubeconfig; an `SSLError` is an `OSError`."""


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """Address, TLS and credentials of one API server. `token` is asked before each request and may refresh itself."""

    server: str
    tls: ssl.SSLContext | None = None
    token: Callable[[], str | None] | None = None
    proxy: str | None = None


class TokenAuth(httpx2.Auth):
    """Sends what `token` returns. It runs in a thread, because a credential plug-in is a process to wait for."""

    def __init__(self, token: Callable[[], str | None]) -> None:
        self._token = token

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        value = await asyncio.to_thread(self._token)
        if value:
            request.headers["Authorization"] = value if " " in value else f"Bearer {value}"
        yield request


def load_access(kubeconfig: Path | None = None, context: str | None = None) -> ClusterAccess:
    """Read `kubeconfig`, else the files that KUBECONFIG names, else ~/.kube/config, else the pod's service account.

    Raises `ConfigurationError` where none of them gives a cluster, or the named file or context is not there.
    """
    # Slow to import (0.35 s) and not needed where a lab's address and token are given.
    from kubernetes import config
    from kubernetes.client import Configuration
    from kubernetes.config.config_exception import ConfigException

    if kubeconfig is not None and not kubeconfig.is_file():
        raise ConfigurationError(f"kubeconfig: {kubeconfig} is no file")
    settings = Configuration()
    try:
        if kubeconfig is not None or context is not None or _default_file_exists():
            file = str(kubeconfig) if kubeconfig is not None else None
            config.load_kube_config(  # type: ignore[no-untyped-call]  # the package has no types here
                file, context, client_configuration=settings, persist_config=False
            )
        elif "KUBERNETES_SERVICE_HOST" in os.environ:
            config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
        else:
            raise ConfigurationError(f"no kubeconfig at {_default_location()}: name one with AIOPS_KUBECONFIG")
        return _access(settings)
    except UNREADABLE as error:  # the package checks little of a file before it uses its parts
        raise ConfigurationError(f"kubeconfig {kubeconfig or 'by default'} cannot be read: {error}") from error
    except ConfigException as error:
        raise ConfigurationError(f"kubeconfig {kubeconfig or 'by default'}: {error}") from error


def _default_file_exists() -> bool:
    return any(Path(part).expanduser().is_file() for part in _default_location().split(":"))


def _default_location() -> str:
    from kubernetes.config import kube_config

    return str(kube_config.KUBE_CONFIG_DEFAULT_LOCATION)


def _access(settings: Configuration) -> ClusterAccess:
    return ClusterAccess(
        server=settings.host,
        tls=_tls(settings) if settings.host.startswith("https:") else None,
        token=lambda: settings.get_api_key_with_prefix("BearerToken", alias="authorization"),
        proxy=settings.proxy or None,
    )


def _tls(settings: Configuration) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ssl_ca_cert or None)
    if not settings.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if settings.cert_file:
        context.load_cert_chain(settings.cert_file, settings.key_file or None)
    return context
