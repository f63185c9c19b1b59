from __future__ import annotations

from aiops.tools.kit.access import manifests


def test_changes_are_allowed_in_each_of_the_namespaces_and_nowhere_else() -> None:
    found = [m for m in manifests("shop", "shop-data") if m["kind"] == "RoleBinding"]
    assert [m["metadata"]["namespace"] for m in found] == ["shop", "shop-data"]
    assert {m["roleRef"]["name"] for m in found} == {"aiops-changer"}
    everywhere = [m for m in manifests("shop") if m["kind"] == "ClusterRoleBinding"]
    assert [m["roleRef"]["name"] for m in everywhere] == ["aiops-reader"]


def test_objects_of_no_namespace_are_changed_only_where_that_was_asked_for() -> None:
    found = manifests("shop", cluster_changes=True)
    wide = [m["roleRef"]["name"] for m in found if m["kind"] == "ClusterRoleBinding"]
    assert wide == ["aiops-reader", "aiops-cluster-changer"]
    (role,) = (m for m in found if m["kind"] == "ClusterRole" and m["metadata"]["name"] == wide[1])
    assert {what for rule in role["rules"] for what in rule["resources"]} >= {"nodes", "storageclasses"}
    (dns,) = (m for m in found if m["kind"] == "RoleBinding" and m["metadata"]["namespace"] == "kube-system")
    (role,) = (m for m in found if m["kind"] == "Role")
    assert dns["roleRef"]["name"] == role["metadata"]["name"]
    assert all(rule["resourceNames"] for rule in role["rules"]), "of that namespace only what the DNS is made of"
