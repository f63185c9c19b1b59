"""Which environment variable a field of a pod template is about."""

from __future__ import annotations

from aiops.agents.remedies.env_value import VARIABLE


def test_the_variable_of_a_field() -> None:
    found = VARIABLE.search("spec.template.spec.containers[web].env[A_B].value")
    assert found is not None
    assert found["name"] == "A_B"
    assert VARIABLE.search("spec.template.spec.containers[web].image") is None
