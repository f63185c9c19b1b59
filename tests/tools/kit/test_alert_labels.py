"""What an alert is about, by its labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.tools.kit.alert_labels import KINDS, NAMESPACES, namespace_of, objects_of, subject_of


@pytest.mark.parametrize(
    ("labels", "subject"),
    [
        ({"namespace": "shop", "deployment": "db"}, "Deployment/shop/db"),
        ({"namespace": "shop", "pod": "db-1", "service": "db"}, "Service/shop/db"),
        ({"namespace": "monitoring", "exported_namespace": "shop", "pod": "db-1"}, "Pod/shop/db-1"),
        ({"namespace": "shop"}, "Namespace//shop"),
        ({"node": "n1"}, "Node//n1"),
        ({"namespace": "", "deployment": ""}, "Cluster//cluster"),
        ({}, "Cluster//cluster"),
    ],
)
def test_the_subject_of_an_alert(labels: dict[str, str], subject: str) -> None:
    assert str(subject_of(labels)) == subject


@given(st.dictionaries(st.sampled_from([*NAMESPACES, "node", "x", *(label for label, _ in KINDS)]), st.text()))
def test_any_labels_name_a_subject_of_their_own_namespace(labels: dict[str, str]) -> None:
    subject, home = subject_of(labels), namespace_of(labels)
    assert subject.name
    assert all(entity.namespace == home for entity in objects_of(labels))
    assert subject.namespace in (home, "")
