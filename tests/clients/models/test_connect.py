"""Which model the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from aiops.clients.models.connect import budget_of, connect_model
from aiops.clients.models.endpoint import EndpointModel
from aiops.core.errors import ConfigurationError
from aiops.core.settings import Settings

URL = "http://127.0.0.1:8000/v1"


def test_off_by_default() -> None:
    assert connect_model(Settings()) is None


async def test_an_address_needs_a_name() -> None:
    with pytest.raises(ConfigurationError, match="AIOPS_MODEL_NAME"):
        connect_model(Settings(model_url=URL))
    model = connect_model(Settings(model_url=URL, model_name="m", model_key=SecretStr("k")))
    assert isinstance(model, EndpointModel)
    assert model.place == "the model m at http://127.0.0.1:8000"
    await model.close()


def test_one_of_the_two(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="choose one"):
        connect_model(Settings(model_url=URL, model_name="m", model_file=tmp_path / "x.gguf"))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        connect_model(Settings(model_file=tmp_path / "x.gguf"))
    (tmp_path / "x.gguf").write_bytes(b"PK\x03\x04")
    with pytest.raises(ConfigurationError, match="no GGUF file"):
        connect_model(Settings(model_file=tmp_path / "x.gguf"))


def test_the_budget_and_prices_of_the_settings() -> None:
    assert budget_of(Settings(model_max_tokens_per_incident=500), spent=100).left == 400
    assert budget_of(Settings()).usage.cost is None
    assert budget_of(Settings(model_price_in=1.0, model_price_out=2.0)).usage.cost == 0.0
