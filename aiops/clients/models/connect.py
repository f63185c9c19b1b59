"""From the settings to a model and its budgets."""

from __future__ import annotations

from aiops.clients.models.budget import Budget, Prices
from aiops.clients.models.endpoint import EndpointModel
from aiops.clients.models.local import LocalModel
from aiops.core.errors import ConfigurationError
from aiops.core.settings import Settings


def connect_model(settings: Settings) -> EndpointModel | LocalModel | None:
    """The model that the settings name; None where they name none. Nothing is sent or loaded yet.

    Raises `ConfigurationError`."""
    url, file, name = settings.model_url, settings.model_file, settings.model_name
    if url is not None and file is not None:
        raise ConfigurationError("AIOPS_MODEL_URL and AIOPS_MODEL_FILE are both set: choose one")
    if file is not None:
        return LocalModel(file, timeout=settings.model_timeout_seconds)
    if url is None:
        return None
    if not name:
        raise ConfigurationError(
            "AIOPS_MODEL_URL also needs AIOPS_MODEL_NAME: the name that the server gives the model"
        )
    key = settings.model_key.get_secret_value() if settings.model_key else None
    return EndpointModel(url, name, key=key, timeout=settings.model_timeout_seconds)


def budget_of(settings: Settings, spent: int = 0) -> Budget:
    """The token budget of one incident or question, of which `spent` tokens are gone already."""
    prices = None
    if settings.model_price_in is not None and settings.model_price_out is not None:
        prices = Prices(tokens_in=settings.model_price_in, tokens_out=settings.model_price_out)
    return Budget(settings.model_max_tokens_per_incident, spent=spent, prices=prices)
