"""Bandwidths that annotations give to pods."""

from __future__ import annotations

import pytest

from aiops.lab.traffic.network.interference import Path
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.network.shaping import bandwidth_of, shaped


def peer(name: str, bandwidth: float = 0.0) -> Peer:
    return Peer("shop", name, "10.0.0.1", "node-1", (), (), bandwidth)


@pytest.mark.parametrize(
    ("annotations", "bandwidth"),
    [
        ({}, 0.0),
        ({"kubernetes.io/egress-bandwidth": "8M"}, 1e6),
        ({"kubernetes.io/egress-bandwidth": "8M", "kubernetes.io/ingress-bandwidth": "80k"}, 1e4),
        ({"kubernetes.io/ingress-bandwidth": "a lot"}, 0.0),
        ({"example.com/egress-bandwidth": "8k"}, 0.0),
    ],
)
def test_the_lower_limit_counts(annotations: dict[str, str], bandwidth: float) -> None:
    assert bandwidth_of({"metadata": {"annotations": annotations}}) == bandwidth


def test_everything_of_a_pod_goes_through_its_one_bandwidth() -> None:
    one, other, free = peer("a", 1e4), peer("b", 2e4), peer("c")
    clear = Path()
    assert shaped(clear, free, free) is clear
    way, back = shaped(Path(narrow=((0, 5.0),)), one, other), shaped(clear, free, one)
    assert [limit for _, limit in way.narrow] == [5.0, 1e4, 2e4]
    assert back.narrow[0] == way.narrow[1]
    assert len({number for number, _ in way.narrow}) == 3
