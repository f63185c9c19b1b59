"""Names of pods and the workloads that they tell: two workloads of which one name begins the other stay apart."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Entity
from aiops.tools.kit.pod_names import LONGEST_BASE, maker_of, pod_pattern, pods_of

LETTERS = "bcdfghjklmnpqrstvwxz2456789"
names = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,70}[a-z0-9])?", fullmatch=True)
short_names = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
"""So short that two of them and a hash are not cut."""

hashes = st.text(LETTERS, min_size=8, max_size=10)
randoms = st.text(LETTERS, min_size=5, max_size=5)


def entity(kind: str, name: str) -> Entity:
    return Entity(kind=kind, namespace="shop", name=name)


GEO, CACHE = entity("Deployment", "geo"), entity("Deployment", "geo-cache")
DAEMON, SET = entity("DaemonSet", "geo-db"), entity("StatefulSet", "geo-cache")


@given(names, hashes, randoms)
def test_every_pod_of_a_deployment_has_its_pattern(name: str, template: str, random: str) -> None:
    pod = f"{name}-{template}-"[:LONGEST_BASE] + random
    assert re.fullmatch(pod_pattern(entity("Deployment", name)), pod)


@given(names, randoms, st.integers(0, 500))
def test_pods_of_other_kinds_have_theirs(name: str, random: str, ordinal: int) -> None:
    assert re.fullmatch(pod_pattern(entity("DaemonSet", name)), f"{name}-"[:LONGEST_BASE] + random)
    assert re.fullmatch(pod_pattern(entity("StatefulSet", name)), f"{name}-{ordinal}")


@pytest.mark.parametrize(
    ("pod", "maker"),
    [
        ("geo-5d4f9c7b8d-x2x4z", GEO),
        ("geo-cache-5d4f9c7b8d-x2x4z", CACHE),
        ("geo-db-x2x4z", DAEMON),
        ("geo-cache-0", SET),
        ("geo-5d4f9c7b8d", GEO),
        ("geography-5d4f9c7b8d-x2x4z", None),
        ("geo", None),
        ("", None),
    ],
)
def test_a_name_tells_its_maker(pod: str, maker: Entity | None) -> None:
    assert maker_of("shop", pod, [GEO, CACHE, DAEMON, SET]) == maker
    assert maker_of("other", pod, [GEO, CACHE, DAEMON, SET]) is None


@given(short_names, short_names, hashes, randoms)
def test_a_longer_name_is_another_workload(name: str, more: str, template: str, random: str) -> None:
    """Whatever stands between: a Deployment never takes the pods of one that is named after it."""
    longer = f"{name}-{more}"
    pod = f"{longer}-{template}-{random}"
    assert not re.fullmatch(pod_pattern(entity("Deployment", name)), pod)
    both = [entity("Deployment", name), entity("Deployment", longer)]
    assert maker_of("shop", pod, both) == both[1]


def test_a_name_is_matched_as_it_is_written() -> None:
    assert not re.fullmatch(pod_pattern(entity("StatefulSet", "a.b")), "axb-0")
    assert pods_of(entity("Deployment", 'x"} or up{a="')).count('\\"') == 2


def test_matchers_name_the_namespace() -> None:
    assert pods_of(SET) == 'namespace="shop",pod=~"geo-cache-[0-9]+"'
