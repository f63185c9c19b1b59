"""Which container a field of a pod template is about."""

from __future__ import annotations

import pytest

from aiops.agents.remedies.image import container_in


@pytest.mark.parametrize(
    ("field", "container"),
    [("spec.template.spec.containers[web].image", "web"), ("spec.replicas", None), (None, None)],
)
def test_the_container_of_a_field(field: str | None, container: str | None) -> None:
    assert container_in(field) == container
