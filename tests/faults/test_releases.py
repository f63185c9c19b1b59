"""Versions: which one comes next, who asks for which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.faults.injection import DirectTarget
from aiops.faults.kit.releases import asks_for, reference, run_version, version_after
from aiops.faults.kit.workloads import containers

WEB = Entity(kind="Deployment", namespace="shop", name="web")
numbers = st.integers(0, 400)


@given(numbers, numbers, numbers, st.sampled_from(["", "v"]), st.sampled_from(["patch", "minor"]))
def test_the_next_version_is_higher(major: int, minor: int, patch: int, prefix: str, bump: str) -> None:
    after = version_after(f"{prefix}{major}.{minor}.{patch}", bump)
    assert after.startswith(f"{prefix}{major}.")
    assert [int(part) for part in after.removeprefix(prefix).split(".")] > [major, minor, patch]


def test_what_is_no_version_has_none_after_it() -> None:
    with pytest.raises(NotPossibleError, match="latest"):
        version_after("latest", "patch")


async def test_a_deployment_asks_for_the_version_that_it_was_given(kube: KubernetesClient) -> None:
    container = containers(await kube.get(WEB))[0]
    assert reference(container["image"]) == ("registry.example.com/web", "1.2.0")
    assert await asks_for(DirectTarget(kube), WEB, container, "1.2.0")
    await run_version(DirectTarget(kube), WEB, container, "1.3.0")
    assert not await asks_for(DirectTarget(kube), WEB, container, "1.2.0")
    assert await asks_for(DirectTarget(kube), WEB, container, "1.3.0")


async def test_a_deployment_that_is_gone_asks_for_every_version(kube: KubernetesClient) -> None:
    """To delete it is no cure."""
    container = containers(await kube.get(WEB))[0]
    await kube.delete(WEB)
    assert await asks_for(DirectTarget(kube), WEB, container, "1.2.0")
