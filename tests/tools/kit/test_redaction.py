"""Secrets never leave a tool."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.changes import Change, FieldChange
from aiops.core.entity import Entity
from aiops.tools.kit import redaction
from aiops.tools.kit.redaction import REDACTED, names_credential, redact, redact_model, redact_text

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLWhlcmU"


CREDENTIALS = (
    *("PASSWORD", "DB_PASSWORD", "mongo-password", "apiKey", "API_KEY", "AWS_SECRET_ACCESS_KEY", "token", "DSN"),
    *(
        "GITHUB_TOKEN",
        "client_secret",
        "clientSecret",
        "privateKey",
        "credentials",
        "DB_PWD",
        "authToken",
        "--password",
    ),
)
OTHERS = (
    *(
        "TOKEN_TTL",
        "secretName",
        "secret_namespace",
        "PASSWORD_FILE",
        "image",
        "KEYSPACE",
        "serviceAccountName",
        "monkey",
        "tokenizer",
    ),
    *("path", "PASSWORD_MIN_LENGTH", "imagePullPolicy", "SECRET_PATH", "TOKENS_PER_MINUTE_TIMEOUT"),
)


@pytest.mark.parametrize("name", CREDENTIALS)
def test_names_of_credentials(name):
    assert names_credential(name)


@pytest.mark.parametrize("name", OTHERS)
def test_names_of_other_things(name):
    assert not names_credential(name)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"Authorization: Bearer {TOKEN}", TOKEN),
        ("authorization=Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA=="),
        (f"got {TOKEN} from peer", TOKEN),
        ("dial postgres://app:hunter2@db:5432/x failed", "hunter2"),
        ("login failed password=hunter2 user=bob", "hunter2"),
        ('{"user":"bob","password":"hunter2"}', "hunter2"),
        ("api_key: 12345678abcdef", "12345678abcdef"),
        ("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
        ("ghp_0123456789abcdefghij0123", "ghp_0123456789abcdefghij0123"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "abc"),
        ("-----BEGIN PRIVATE KEY-----\nabc and cut off", "abc"),
    ],
)
def test_secrets_in_text(text, secret):
    assert secret not in redact_text(text)
    assert REDACTED in redact_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "GET http://geo.hotel.svc.cluster.local:8083/nearby 200",
        'Back-off restarting failed container "geo" in pod geo-5d4f_hotel',
        'MountVolume.SetUp failed for volume "tls" : secret "geo-tls" not found',
        "the token has expired",
        "image registry.example.com/hotel/geo@sha256:0123456789abcdef",
        "expected basic types",
    ],
)
def test_plain_text_is_left_alone(text):
    assert redact_text(text) == text


@given(st.text(max_size=200))
def test_redacting_twice_is_redacting_once(text):
    once = redact_text(text)
    assert redact_text(once) == once


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


PIECES = (
    *("bearer ", "Basic ", "eyJhbGciOi.", "abcdefgh.", "AKIAIOSFODNN7EXAMPLE", "ghp_", "github_pat_", "sk-", "xoxb-"),
    *("-----BEGIN PRIVATE KEY-----", "://", "http", "user:", "@", "pass", "word=", "api_key", ": ", "token", "ſecret"),
    *("hunter22", " ", "\n", "=", '"', "dXNlcjpwYXNzd29yZA", "K", "ey: abc"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_the_quick_look_before_a_pattern_hides_nothing_from_it(text):
    slow = text
    for pattern, replacement, _ in redaction._TEXT:
        slow = pattern.sub(replacement, slow)
    assert redact_text(text) == slow


def test_columns_of_numbers_are_kept():
    assert redact({"values": [1.0, None, True], "password": ["x", 1]}) == {
        "values": [1.0, None, True],
        "password": ["x", 1],
    }


MANY = 300_000
HOSTILE = (
    "-a",
    "a.",
    "eyJ-",
    "eyJabcdefgh.",
    "token",
    "token-",
    "basic ",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY----- ",
    "a://",
    "12345678-1234-1234-1234-123456789abc-",
    "ghp_",
    "sk-",
)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("end", ["", "token", "é password"])
def test_a_long_text_takes_time_in_proportion_to_its_length(piece, end):
    """With a pattern that tries each beginning of a run anew, one of these takes hours."""
    assert "hunter2" not in redact_text(f"{piece * (MANY // len(piece))}{end} password=hunter2")


def test_a_token_behind_a_dash_is_taken_out():
    assert TOKEN not in redact_text(f"session-{TOKEN} refused")
    assert redact_text(f"session-{TOKEN} refused") == f"session-{REDACTED} refused"


@given(st.text(alphabet="-._a1 ", max_size=12), st.sampled_from(["token", "API_KEY", "db-password"]))
def test_a_value_goes_whatever_its_field_begins_with(before, name):
    assert "hunter2" not in redact_text(f"{before}{name}=hunter2")
