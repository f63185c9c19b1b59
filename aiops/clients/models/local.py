"""A model in a GGUF file on this machine, run by llama.cpp in a process of its own."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from aiops.clients.models.budget import Budget, estimate
from aiops.clients.models.errors import ModelError
from aiops.clients.models.local_chat import grammar_of, read_call, turns
from aiops.clients.models.protocol import Message, Reply, ToolSpec
from aiops.clients.models.schemas import read_reply
from aiops.clients.models.worker import Worker
from aiops.core.clock import Stopwatch
from aiops.core.errors import ConfigurationError

MAGIC = b"GGUF"
PACKAGE = "llama_cpp"
CONTEXT = 8192
"""Tokens of prompt and reply together; memory grows with it."""

LOAD_SECONDS = 180.0
"""Wall seconds: some gigabytes from a slow disk."""


class LocalModel:
    """Implements `Model`. `timeout` is in wall seconds, for one reply; the first one also waits for loading.

    Raises `ConfigurationError` where the file is no GGUF, or the package that runs it is not installed."""

    def __init__(self, file: Path, *, timeout: float = 60.0, context: int = CONTEXT) -> None:
        _check(file)
        self._file = file
        self._timeout = timeout
        arguments = (str(file.resolve()), str(context))
        self._worker = Worker(self.place, "aiops.clients.models.local_worker", arguments, patience=LOAD_SECONDS)
        self._calls = 0

    @property
    def name(self) -> str:
        return self._file.stem

    @property
    def place(self) -> str:
        """The model and its file, for error texts."""
        return f"the model in {self._file}"

    async def close(self) -> None:
        await self._worker.close()

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: type[BaseModel] | None = None,
        tools: Sequence[ToolSpec] = (),
        max_tokens: int,
        budget: Budget,
    ) -> Reply:
        """See `Model.complete`."""
        spoken = turns(messages, schema, tools)
        prompt = estimate(*(turn["content"] for turn in spoken))
        allowed = budget.reserve(prompt, max_tokens)
        watch = Stopwatch()
        request = {"messages": spoken, "schema": grammar_of(schema, tools), "max_tokens": allowed}
        try:
            answer = await self._worker.ask(request, self._timeout)
        except ModelError:
            budget.charge(prompt, 0, watch.seconds())
            raise
        if "error" in answer:
            raise ModelError(f"{self.place} cannot answer: {answer['error']}")
        budget.charge(answer["tokens_in"], answer["tokens_out"], watch.seconds())
        self._calls += 1
        text, counts = answer["text"], (answer["tokens_in"], answer["tokens_out"], watch.seconds())
        held = schema is not None or bool(tools)
        if held and answer["finish"] == "length":
            raise ModelError(f"{self.place}: the reply was cut off after {answer['tokens_out']} tokens")
        if tools:
            return Reply("", None, read_call(text, self._calls), *counts)
        return Reply(text, read_reply(text, schema) if schema else None, (), *counts)


def _check(file: Path) -> None:
    try:
        with file.open("rb") as stream:
            start = stream.read(len(MAGIC))
    except OSError as error:
        raise ConfigurationError(f"the model file {file} cannot be read: {error.strerror}") from error
    if start != MAGIC:
        raise ConfigurationError(f"the model file {file} is no GGUF file")
    if importlib.util.find_spec(PACKAGE) is None:
        raise ConfigurationError("a model file needs llama-cpp-python: install aiops with the extra 'local'")
