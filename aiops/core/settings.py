"""Settings, built once at the start: environment variables `AIOPS_*` over a TOML file over these defaults.

The file is `aiops.toml` in the working folder, or the one that `AIOPS_CONFIG` names.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from aiops.core.errors import ConfigurationError

Autonomy = Literal["observe", "suggest", "approve"]
NotifyOn = Literal["opened", "approval", "resolved", "escalated", "no_fault"]


class Settings(BaseSettings):
    """Everything that a user can set. The defaults are the safe ones: loopback, read-only, approval for each change."""

    model_config = SettingsConfigDict(env_prefix="AIOPS_", extra="forbid", frozen=True)

    kubeconfig: Path | None = Field(None, description="kubeconfig file; else KUBECONFIG, ~/.kube/config, in-cluster")
    context: str | None = Field(None, description="context of the kubeconfig; else its current one")
    namespaces: tuple[str, ...] = Field((), description="namespaces to look at, beside the cluster's own; none: all")
    prometheus_url: str | None = Field(None, description="base address of a Prometheus HTTP API")
    prometheus_token: SecretStr | None = Field(None, description="bearer token for that Prometheus")
    jaeger_url: str | None = Field(None, description="base address of a Jaeger query API")
    loki_url: str | None = Field(None, description="base address of a Loki HTTP API")
    loki_token: SecretStr | None = Field(None, description="bearer token for that Loki")
    loki_tenant: str | None = Field(None, description="tenant, where that Loki has several")
    clock_url: str | None = Field(None, description="address of a lab that owns the time; none: this machine's clock")
    clock_token: SecretStr | None = Field(None, description="bearer token for that lab")

    state_dir: Path = Field(Path(".aiops"), description="folder of the databases")
    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; the next free one where it is taken")
    token: SecretStr | None = Field(None, description="bearer token of the HTTP API; none: a new one each start")

    read_only: bool = Field(True, description="refuse every change to the cluster")
    cluster_changes: bool = Field(
        False, description="beside named namespaces, change nodes, webhooks, classes and DNS too"
    )
    autonomy: Autonomy = Field("approve", description="observe: report; suggest: propose; approve: act when approved")
    max_rounds: int = Field(3, ge=1, description="proposals for one incident before it is escalated")
    max_actions_per_hour: int = Field(6, ge=0, description="changes to one namespace in an hour")
    settle_seconds: float = Field(60, ge=0, description="wait after the first alert for those that belong to it")
    hold_seconds: float = Field(120, ge=0, description="how long a service must stay well before it counts as healed")
    verify_timeout_seconds: float = Field(600, gt=0, description="how long a change may take to help")

    watch: bool = Field(
        True, description="`serve` watches the golden signals of all services, where there is a Prometheus"
    )
    watch_seconds: float = Field(15, ge=5, description="how often it looks")
    watch_queries_per_minute: int = Field(20, ge=1, description="what it may ask of Prometheus")
    objective: float = Field(0.99, gt=0, lt=1, description="share of requests that services promise to answer well")

    runbooks_dir: Path | None = Field(None, description="folder of your own runbooks, beside those that are built in")
    public_url: str | None = Field(None, pattern=r"^https?://[^\s<>|]+$", description="where people open the page")
    webhook_url: SecretStr | None = Field(None, description="where messages go as signed JSON")
    webhook_secret: SecretStr | None = Field(None, description="what they are signed with: 16 characters or more")
    slack_webhook_url: SecretStr | None = Field(None, description="an incoming webhook of Slack")
    notify_on: tuple[NotifyOn, ...] = Field(
        ("approval", "resolved", "escalated", "no_fault"), description="what is told; `opened` too where it is named"
    )

    model_url: str | None = Field(None, description="base address of an OpenAI-compatible API, such as .../v1")
    model_name: str | None = Field(None, description="the model's name at that address")
    model_key: SecretStr | None = Field(None, description="key of that API")
    model_file: Path | None = Field(None, description="a GGUF file to run on this machine instead")
    model_max_tokens_per_incident: int = Field(40_000, ge=0, description="tokens for one incident or question")
    model_timeout_seconds: float = Field(60, gt=0, description="how long one reply may take")
    model_price_in: float | None = Field(None, ge=0, description="price of a million tokens sent")
    model_price_out: float | None = Field(None, ge=0, description="price of a million tokens received")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings calls with all four
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = Path(os.environ.get("AIOPS_CONFIG", "aiops.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)


def load_settings() -> Settings:
    """Read the settings. Raises `ConfigurationError` naming each wrong field and where it was set."""
    named = os.environ.get("AIOPS_CONFIG")
    if named and not Path(named).is_file():
        raise ConfigurationError(f"AIOPS_CONFIG names {named}, which is no file")
    try:
        return Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"settings: {named or 'aiops.toml'} is no TOML: {error}") from error
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(p) for p in e['loc'])} (AIOPS_{str(e['loc'][0]).upper()}): {e['msg']}"
            for e in error.errors()
        ]
        raise ConfigurationError("settings: " + "; ".join(lines)) from error
