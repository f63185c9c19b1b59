"""The status of ValidatingAdmissionPolicies."""

from __future__ import annotations

from typing import Any


def test_policies_are_said_to_be_seen(lab: Any) -> None:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    spec = {"matchConstraints": {"resourceRules": [rule]}, "validations": [{"expression": "true"}]}
    lab.create("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "small", spec=spec)
    lab.settle()
    seen = lab.store.get("ValidatingAdmissionPolicy", "", "small")["status"]
    assert seen == {"observedGeneration": 1, "typeChecking": {}}
