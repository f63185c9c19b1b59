"""Arguments are drawn, written down and read again."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Edge, Entity
from aiops.core.errors import ConfigurationError, InvalidInputError, NotPossibleError
from aiops.core.target import Target
from aiops.faults.injection import DirectTarget
from aiops.faults.kit.environment import KeyUse, Variable, current_value, source_of, value_in, variables
from aiops.faults.parameters import choose, draw_arguments, draws_of, one_of, pick, pick_call, read_edge, whole
from aiops.faults.registry import FAULTS
from aiops.faults.truth import GroundTruth
from tests.faults.conftest import deployment

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
ENTITIES = st.builds(lambda kind, space, name: Entity(kind=kind, namespace=space, name=name), NAMES, NAMES, NAMES)
VARIABLES = st.builds(
    lambda entity, container, name: Variable(deployment=entity, container=container, name=name), ENTITIES, NAMES, NAMES
)
WEB = Entity(kind="Deployment", namespace="shop", name="web")


@given(source=ENTITIES, target=ENTITIES)
def test_an_edge_is_read_as_it_was_written(source: Entity, target: Entity) -> None:
    edge = Edge(source=source, target=target)
    assert read_edge(str(edge)) == edge == pick_call().parse(str(edge))


@given(variable=VARIABLES, source=ENTITIES, key=NAMES)
def test_a_variable_is_read_as_it_was_written(variable: Variable, source: Entity, key: str) -> None:
    assert Variable.parse(str(variable)) == variable
    use = KeyUse(variable=variable, source=source, key=key)
    assert KeyUse.parse(str(use)) == use


@pytest.mark.parametrize("text", ["", "Deployment/shop/web", "Deployment/shop/web web", "a b c"])
def test_a_text_that_is_no_variable_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Variable.parse(text)


async def test_what_is_drawn_is_read_again_from_its_text(kube: KubernetesClient) -> None:
    draws = {"a": pick("Service"), "b": whole(1, 9), "c": one_of("x", "y"), "d": pick_call()}
    drawn = await draw_arguments(draws, DirectTarget(kube), "shop", Random(4))
    for name, draw in draws.items():
        value = drawn[name]
        assert draw.parse(value if isinstance(value, int) else str(value)) == value


async def test_nothing_to_choose_from_is_said_with_the_namespace(kube: KubernetesClient) -> None:
    async def none(target: Target, namespace: str) -> list[str]:
        assert (await target.list("Service", namespace)) != []
        return []

    with pytest.raises(NotPossibleError, match="'shop' has no candidate for a unicorn"):
        await choose("a unicorn", none, str).draw(DirectTarget(kube), "shop", Random(1))


def test_a_parameter_must_say_how_it_is_drawn() -> None:
    async def vague(target: Target, port: int) -> GroundTruth: ...

    with pytest.raises(ConfigurationError, match="vague: parameter 'port'"):
        draws_of(vague)


async def test_a_variable_is_what_the_next_pod_gets(kube: KubernetesClient) -> None:
    target = DirectTarget(kube)
    found = {variable.name: variable for variable, _ in variables(await target.get(WEB))}
    assert await current_value(target, found["SELF"]) == "web:80"
    assert await current_value(target, found["CART"]) == "http://cart.shop.svc.cluster.local:8080/v1"
    await kube.patch(Entity(kind="ConfigMap", namespace="shop", name="web-config"), {"data": {"cart": None}}, "merge")
    assert await current_value(target, found["CART"]) is None
    gone = found["SELF"].model_copy(update={"name": "GONE"})
    assert await current_value(target, gone) is None


def test_a_secret_holds_its_text_encoded() -> None:
    assert value_in({"kind": "Secret", "data": {"password": "cXdlcnR5"}}, "password") == "qwerty"
    assert value_in({"kind": "ConfigMap", "data": {"a": "cXdlcnR5"}}, "a") == "cXdlcnR5"
    assert value_in({"kind": "Secret"}, "password") is None
    entry = {"name": "X", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    assert source_of(entry, "shop") == (Entity(kind="Secret", namespace="shop", name="s"), "k")
    assert source_of({"name": "X", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}, "shop") is None


def test_a_fault_of_each_family_is_there() -> None:
    families = {"config", "resource", "network", "dns", "auth", "tls", "admission", "scaling"}
    assert {fault.mechanism.family for fault in FAULTS} >= families
    assert {fault.felt for fault in FAULTS} >= {"requests", "rollout"}


async def test_an_address_in_another_namespace_is_nobodys_to_break(kube: KubernetesClient) -> None:
    await kube.create(deployment("foreign", [{"name": "BANK", "value": "bank.example.com:443"}]))
    draw = FAULTS.get("wrong_env_address").parameters["variable"]
    drawn = {str(await draw.draw(DirectTarget(kube), "shop", Random(seed))) for seed in range(20)}
    assert drawn == {"Deployment/shop/web web SELF", "Deployment/shop/cart cart WEB"}
