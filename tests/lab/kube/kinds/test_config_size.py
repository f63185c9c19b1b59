"""How much a ConfigMap may hold."""

from __future__ import annotations

import pytest

from aiops.lab.kube import ObjectStore
from aiops.lab.kube.errors import ApiError


def test_a_mebibyte_is_the_most(store: ObjectStore) -> None:
    head = {"apiVersion": "v1", "kind": "ConfigMap"}
    store.create({**head, "metadata": {"name": "most"}, "data": {"k": "x" * 2**20}}, manager="m")
    with pytest.raises(ApiError) as caught:
        store.create({**head, "metadata": {"name": "more"}, "data": {"k": "x" * (2**20 + 1)}}, manager="m")
    assert str(caught.value) == 'ConfigMap "more" is invalid: []: Too long: may not be more than 1048576 bytes'
