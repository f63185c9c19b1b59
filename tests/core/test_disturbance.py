"""The vocabulary of disturbances: it survives JSON, and says what is wrong with what it does not take."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from aiops.core.disturbance import Behaviour, Disturbance, Nodes, Pods, disturbance_of
from aiops.core.disturbance.network import NetworkLoss
from aiops.core.errors import InvalidInputError

labels = st.dictionaries(st.sampled_from(("app", "tier", "zone")), st.sampled_from(("a", "b")), max_size=3)


def _kinds(union: object) -> list[type[BaseModel]]:
    """The classes of a discriminated union."""
    return list(get_args(get_args(union)[0]))


@given(st.floats(0.01, 100), labels)
def test_a_disturbance_survives_json(percent: float, wanted: dict[str, str]) -> None:
    loss = NetworkLoss(pods=Pods(namespace="shop", labels=wanted), percent=percent)
    assert disturbance_of(loss.model_dump(mode="json")) == loss


@pytest.mark.parametrize("union", [Disturbance, Behaviour], ids=["disturbance", "behaviour"])
def test_every_kind_has_a_name_of_its_own_and_says_what_it_does(union: object) -> None:
    classes = _kinds(union)
    names = [each.model_fields["kind"].default for each in classes]
    assert len(set(names)) == len(names) > 15
    assert all(each.__doc__ for each in classes)


@given(labels, labels)
def test_pods_are_chosen_by_all_that_is_said(wanted: dict[str, str], there: dict[str, str]) -> None:
    chosen = Pods(namespace="shop", labels=wanted).chooses("shop", "web-1", there, "node-1")
    assert chosen == (wanted.items() <= there.items())
    assert not Pods(namespace="shop", labels=wanted).chooses("other", "web-1", there, "node-1")
    assert not Pods(labels=wanted, nodes=("node-2",)).chooses("shop", "web-1", there, "node-1")
    assert not Pods(labels=wanted, names=("web-2",)).chooses("shop", "web-1", there, "node-1")


def test_nodes_must_be_said() -> None:
    assert not Nodes().chooses("node-1", {"zone": "a"})
    assert Nodes(names=("node-1",)).chooses("node-1", {})
    assert Nodes(labels={"zone": "a"}).chooses("node-1", {"zone": "a"})
    assert not Nodes(names=("node-1",), labels={"zone": "b"}).chooses("node-1", {"zone": "a"})


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(InvalidInputError, match="percent"):
        disturbance_of({"kind": "network.loss", "pods": {}, "percent": 0})
    with pytest.raises(InvalidInputError, match="behaviours"):
        disturbance_of({"kind": "misbehaviour", "pods": {}, "behaviours": [{"kind": "unknown"}]})
    with pytest.raises(InvalidInputError):
        disturbance_of("network.loss")
