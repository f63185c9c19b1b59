"""Which container or variable a field of a pod template is about."""

from __future__ import annotations

import pytest

from aiops.agents.remedies.kit.field_paths import VARIABLE, container_in


@pytest.mark.parametrize(
    ("field", "container"),
    [("spec.template.spec.containers[web].image", "web"), ("spec.replicas", None), (None, None)],
)
def test_the_container_of_a_field(field: str | None, container: str | None) -> None:
    assert container_in(field) == container


def test_the_variable_of_a_field() -> None:
    found = VARIABLE.search("spec.template.spec.containers[web].env[A_B].value")
    assert found is not None
    assert found["name"] == "A_B"
    assert VARIABLE.search("spec.template.spec.containers[web].image") is None
