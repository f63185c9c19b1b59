"""Secrets never leave a tool."""

from __future__ import annotations

from aiops.core.changes import Change, FieldChange
from aiops.core.entity import Entity
from aiops.core.redaction import REDACTED
from aiops.tools.kit.redaction import redact, redact_model


def test_secrets_keep_their_keys():
    secret = {
        "kind": "Secret",
        "metadata": {
            "name": "db",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data":{"user":"Ym9i"}}'},
        },
        "data": {"user": "Ym9i"},
        "stringData": {"x": "y"},
    }
    shown = redact(secret)
    assert shown["data"] == {"user": REDACTED}
    assert shown["stringData"] == {"x": REDACTED}
    assert shown["metadata"]["annotations"] == {}
    assert secret["data"] == {"user": "Ym9i"}


def test_environment_and_arguments():
    container = {
        "name": "geo",
        "args": ["--password", "hunter2", "--port", "80", "--token=abcdef"],
        "env": [
            {"name": "DB_PASSWORD", "value": "hunter2"},
            {"name": "URL", "value": "mongodb://u:hunter2@db"},
            {"name": "LOGIN_TOKEN", "valueFrom": {"secretKeyRef": {"name": "login", "key": "token"}}},
            {"name": "TOKEN_TTL", "value": "30"},
        ],
        "automountServiceAccountToken": True,
    }
    shown = redact(container)
    assert "hunter2" not in str(shown)
    assert "abcdef" not in str(shown)
    assert shown["args"][2:4] == ["--port", "80"]
    assert shown["env"][2] == container["env"][2]
    assert shown["env"][3] == container["env"][3]
    assert shown["automountServiceAccountToken"] is True


def change(path, old, new):
    return Change(
        at=1.0,
        entity=Entity(kind="Deployment", namespace="a", name="b"),
        verb="updated",
        fields=(FieldChange(path=path, old=old, new=new),),
    )


def test_fields_of_changes():
    (field,) = redact_model(change("spec.containers[db].env[DB_PASSWORD].value", "one", "two")).fields
    assert (field.old, field.new) == (REDACTED, REDACTED)
    (field,) = redact_model(change("data.API_KEY", None, "two")).fields
    assert (field.old, field.new) == (None, REDACTED)
    (field,) = redact_model(change("spec.replicas", 1, 2)).fields
    assert (field.old, field.new) == (1, 2)
    added = {"name": "DB_PASSWORD", "value": "two"}
    (field,) = redact_model(change("spec.containers[db].env[DB_PASSWORD]", None, added)).fields
    assert field.new == {"name": "DB_PASSWORD", "value": REDACTED}


def test_columns_of_numbers_are_kept():
    assert redact({"values": [1.0, None, True], "password": ["x", 1]}) == {
        "values": [1.0, None, True],
        "password": ["x", 1],
    }
