from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from aiops.lab.apps import Application, load_application

NOW = 1_780_000_000.0


def secrets(application: Application, seed: int = 1) -> dict[str, dict[str, Any]]:
    found = application.manifests(now=NOW, seed=seed)
    return {item["metadata"]["name"]: item for item in found if item.get("type") == "kubernetes.io/tls"}


@pytest.fixture(scope="module")
def hotel() -> Application:
    return load_application("hotel")


def certificate(secret: dict[str, Any]) -> x509.Certificate:
    return x509.load_pem_x509_certificate(base64.b64decode(secret["data"]["tls.crt"]))


def test_equal_seeds_give_equal_bytes_and_others_other_keys(hotel: Application) -> None:
    assert secrets(hotel) == secrets(hotel)
    name = hotel.tls.secret
    assert secrets(hotel, 1)[name]["data"]["tls.key"] != secrets(hotel, 2)[name]["data"]["tls.key"]
    serials = {certificate(secret).serial_number for secret in secrets(hotel).values()}
    assert len(serials) == len(hotel.tls.secrets)


def test_their_dates_and_names_are_those_of_the_data(hotel: Application) -> None:
    now = datetime.fromtimestamp(NOW, UTC)
    for name, secret in secrets(hotel).items():
        wanted, found = hotel.tls.secrets[name], certificate(secret)
        assert found.not_valid_before_utc == now + timedelta(days=wanted.from_day)
        assert found.not_valid_after_utc == now + timedelta(days=wanted.to_day)
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert tuple(names.get_values_for_type(x509.DNSName)) == wanted.hosts


def test_only_the_one_in_use_is_valid(hotel: Application) -> None:
    now = datetime.fromtimestamp(NOW, UTC)
    valid = [name for name, secret in secrets(hotel).items() if certificate(secret).not_valid_after_utc > now]
    assert valid == [hotel.tls.secret]
