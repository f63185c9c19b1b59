"""ValidatingAdmissionPolicies, and the match conditions of webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore
from aiops.lab.kube.errors import ApiError

API = "admissionregistration.k8s.io/v1"
RULE = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"]}


def policy(*validations: Manifest, **spec: Any) -> Manifest:
    body = {"matchConstraints": {"resourceRules": [RULE]}, "validations": list(validations), **spec}
    return {"apiVersion": API, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "small"}, "spec": body}


def bound(*actions: str, **spec: Any) -> Manifest:
    body = {"policyName": "small", "validationActions": list(actions or ("Deny",)), **spec}
    return {
        "apiVersion": API, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "here"}, "spec": body
    }  # fmt: skip


def put(store: ObjectStore, *manifests: Manifest) -> None:
    for manifest in manifests:
        store.create(manifest, manager="m")


def config(name: str = "a", **data: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def refusal(store: ObjectStore, **data: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        store.create(config(**data), manager="m")
    return caught.value


def test_a_bound_policy_denies_what_fails(store: ObjectStore) -> None:
    rule = {"expression": "!has(object.data) || object.data.size() < 2", "message": "too much"}
    put(store, policy(rule), config("before", a="1", b="2"), bound())
    put(store, config("good", a="1"))
    error = refusal(store, a="1", b="2")
    start = 'configmaps "a" is forbidden: ValidatingAdmissionPolicy'
    assert str(error) == f"{start} 'small' with binding 'here' denied request: too much"
    assert (error.status, error.reason) == (422, "Invalid")
    assert error.details is not None
    assert error.details["causes"][0]["message"].startswith("ValidatingAdmissionPolicy 'small'")
    store.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other"}}, manager="m")


def test_reasons_messages_and_variables(store: ObjectStore) -> None:
    check = {
        "expression": "variables.count <= 1",
        "messageExpression": "'has ' + string(variables.count) + ' in ' + namespaceObject.metadata.name",
        "reason": "Forbidden",
    }
    count = {"name": "count", "expression": "object.data.size()"}
    put(store, policy(check, variables=[count]), bound())
    error = refusal(store, a="1", b="2")
    assert (error.status, error.reason) == (403, "Forbidden")
    assert str(error).endswith("denied request: has 2 in default")


def test_a_warning_lets_pass(store: ObjectStore) -> None:
    put(store, policy({"expression": "false"}), bound("Warn", "Audit"))
    warnings: list[str] = []
    with store.acting(store.writer.user, warnings):
        put(store, config())
    told = "Validation failed for ValidatingAdmissionPolicy 'small' with binding 'here': failed expression: false"
    assert warnings == [told]


def test_whom_a_policy_concerns(store: ObjectStore) -> None:
    other = {"matchLabels": {"kubernetes.io/metadata.name": "other"}}
    put(store, policy({"expression": "false"}), bound(matchResources={"namespaceSelector": other}))
    put(store, config("a"))
    put(store, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}})
    with pytest.raises(ApiError, match="denied request"):
        store.create({**config("b"), "metadata": {"name": "b", "namespace": "other"}}, manager="m")


def test_conditions_choose_the_requests(store: ObjectStore) -> None:
    conditions = [{"name": "mine", "expression": "request.userInfo.username == 'nobody'"}]
    put(store, policy({"expression": "false"}, matchConditions=conditions), bound())
    put(store, config())
    assert store.find("ConfigMap", "default", "a") is not None


def test_a_condition_that_holds_lets_the_policy_refuse(store: ObjectStore) -> None:
    conditions = [{"name": "everybody", "expression": "request.userInfo.username != 'nobody'"}]
    put(store, policy({"expression": "false"}, matchConditions=conditions), bound())
    assert "failed expression" in str(refusal(store))


def test_parameters_are_found_by_name(store: ObjectStore) -> None:
    check = {"expression": "object.data.size() <= int(params.data.most)"}
    kind = {"apiVersion": "v1", "kind": "ConfigMap"}
    reference = {"name": "limits", "namespace": "default", "parameterNotFoundAction": "Deny"}
    put(store, config("limits", most="1"), policy(check, paramKind=kind), bound(paramRef=reference))
    put(store, config("one", a="1"))
    assert "failed expression" in str(refusal(store, a="1", b="2"))
    with pytest.raises(ApiError):
        store.delete("ConfigMap", "default", "limits") and store.create(config("two", a="1"), manager="m")


def test_an_error_fails_closed_or_open_as_the_policy_says(store: ObjectStore) -> None:
    check = {"expression": "object.nope == 1"}
    put(store, policy(check), bound())
    assert str(refusal(store)).endswith("expression 'object.nope == 1' resulted in error: no such key: nope")
    store.delete("ValidatingAdmissionPolicy", "", "small")
    put(store, policy(check, failurePolicy="Ignore"), config())


def test_what_the_lab_lacks_is_never_passed_over(store: ObjectStore) -> None:
    check = {"expression": "authorizer.group('').resource('pods').check('get').allowed()"}
    put(store, policy(check, failurePolicy="Ignore"), bound())
    assert "undeclared reference to 'authorizer', which this lab does not know" in str(refusal(store))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"matchConstraints": None}, "spec.matchConstraints: Required value"),
        ({"validations": []}, "must contain at least one item"),
        ({"validations": [{"expression": "1 +"}]}, "compilation failed"),
        ({"validations": [{"expression": ""}]}, "expression is not specified"),
        ({"failurePolicy": "Maybe"}, 'supported values: "Fail", "Ignore"'),
        ({"validations": [{"expression": "true", "reason": "Odd"}]}, 'Unsupported value: "Odd"'),
    ],
)
def test_wrong_policies_are_refused(store: ObjectStore, spec: Manifest, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        store.create(policy({"expression": "true"}, **spec), manager="m")
    assert message in str(caught.value)


def test_a_binding_says_what_to_do(store: ObjectStore) -> None:
    with pytest.raises(ApiError, match="must not contain both Deny and Warn"):
        store.create(bound("Deny", "Warn"), manager="m")


def _hook(expression: str, **more: Any) -> Manifest:
    condition = {"name": "c", "expression": expression}
    hook = {
        "name": "one.example.com", "clientConfig": {"url": "https://127.0.0.1:1/x"}, "rules": [RULE],
        "admissionReviewVersions": ["v1"], "sideEffects": "None", "matchConditions": [condition], **more,
    }  # fmt: skip
    kind = "ValidatingWebhookConfiguration"
    return {"apiVersion": API, "kind": kind, "metadata": {"name": "hooks"}, "webhooks": [hook]}


def test_a_webhook_is_asked_where_its_conditions_are_met(store: ObjectStore) -> None:
    put(store, _hook("object.metadata.name.startsWith('x')"), config("a"))
    with pytest.raises(ApiError, match="failed calling webhook"):
        store.create(config("x"), manager="m")


def test_a_condition_that_fails_refuses_or_skips(store: ObjectStore) -> None:
    put(store, _hook("object.nope == 1"))
    assert str(refusal(store)) == 'configmaps "a" is forbidden: no such key: nope'
    store.delete("ValidatingWebhookConfiguration", "", "hooks")
    put(store, _hook("object.nope == 1", failurePolicy="Ignore"), config())
    store.delete("ValidatingWebhookConfiguration", "", "hooks")
    put(store, _hook("authorizer.nope()", failurePolicy="Ignore"))
    with pytest.raises(ApiError, match="which this lab does not know"):
        store.create(config("b"), manager="m")
