"""A model behind an OpenAI-compatible address: vLLM, Ollama, llama.cpp's server, a hosted service."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import httpx2
import orjson
from pydantic import BaseModel

from aiops.clients.models.budget import Budget, estimate
from aiops.clients.models.dialect import Dialect, form_of
from aiops.clients.models.errors import ModelError
from aiops.clients.models.protocol import Message, Reply, ToolCall, ToolSpec
from aiops.clients.models.schemas import read_reply
from aiops.clients.transport import MAX_RETRY_AFTER, RETRIED_STATUS, Retry, checked_address
from aiops.core.clock import Stopwatch, pause

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

MOST_MESSAGE = 300
"""Characters of a server's error message that are passed on."""

CUT_OFF = "length"

TOO_HIGH = 4
"""An estimate of tokens is at most about this many times too high."""

FOREIGN = ("authorization", "openai-", "x-stainless-")


class EndpointModel:
    """Implements `Model`. `timeout` is in wall seconds, for one reply with all its tries.

    Speaks to the host of `url` alone: redirects are not followed, and proxies of the environment are not used.
    """

    def __init__(
        self,
        url: str,
        name: str,
        *,
        key: str | None = None,
        timeout: float = 60.0,
        transport: httpx2.AsyncBaseTransport | None = None,
        retry: Retry | None = None,
    ) -> None:
        self._address = checked_address("the model", url)
        self._model = name
        self._key = key
        self._timeout = timeout
        self._retry = retry or Retry(wait=1.0)
        self._dialect = Dialect()
        self._http = _http(transport, key, timeout, secure=self._address.scheme == "https")
        self._client: AsyncOpenAI | None = None

    @property
    def name(self) -> str:
        return self._model

    @property
    def place(self) -> str:
        """The model and its address, for error texts."""
        host = f"{self._address.scheme}://{self._address.netloc.decode('ascii')}"
        return f"the model {self._model} at {host}"

    async def close(self) -> None:
        await self._http.aclose()

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
        prompt = _prompt_tokens(messages, schema, tools)
        allowed = budget.reserve(prompt, max_tokens)
        watch = Stopwatch()
        try:
            async with asyncio.timeout(self._timeout):
                completion = await self._ask(messages, schema, tools, allowed)
            text, calls, finished = self._said(completion)
        except TimeoutError as error:
            budget.charge(prompt, 0, watch.seconds())  # the server may have worked on it all the same
            raise ModelError(f"{self.place} did not answer within {self._timeout:g} s") from error
        except _NoCompletionError:
            budget.charge(prompt, 0, watch.seconds())
            raise
        tokens_in, tokens_out = _counted(completion, prompt, text)
        budget.charge(tokens_in, tokens_out, watch.seconds())
        if schema is None or calls:
            return Reply(text, None, calls, tokens_in, tokens_out, watch.seconds())
        if finished == CUT_OFF:
            raise ModelError(f"{self.place}: the reply was cut off after {tokens_out} tokens")
        return Reply(text, read_reply(text, schema), (), tokens_in, tokens_out, watch.seconds())

    async def offered(self) -> list[str]:
        """The names of the models that the server lists. Raises `ModelError`."""
        import openai

        try:
            async with asyncio.timeout(self._timeout):
                return sorted([model.id async for model in self._openai().models.list()])
        except TimeoutError as error:
            raise ModelError(f"{self.place} did not answer within {self._timeout:g} s") from error
        except openai.OpenAIError as error:
            raise self._error(error) from error

    async def _ask(
        self, messages: Sequence[Message], schema: type[BaseModel] | None, tools: Sequence[ToolSpec], allowed: int
    ) -> ChatCompletion:
        """Ask in the server's dialect, which is learnt from its refusals and kept once it was understood."""
        import openai

        dialect = self._dialect
        while True:
            try:
                completion = await self._tried(dialect.request(self._model, messages, schema, tools, allowed))
            except openai.APIStatusError as error:
                milder = dialect.milder(error.status_code, str(error), schema=schema is not None)
                if milder is None:
                    raise self._error(error) from error
                dialect = milder
            except openai.OpenAIError as error:
                raise self._error(error) from error
            except ValueError as error:
                raise ModelError(f"{self.place}: the answer is not JSON") from error
            else:
                self._dialect = dialect
                return completion

    async def _tried(self, body: dict[str, Any]) -> ChatCompletion:
        """Send, and again after a broken connection or where the server says "later"."""
        import openai

        wait = self._retry.wait
        for _ in range(self._retry.attempts - 1):
            try:
                return await self._send(body)
            except openai.APITimeoutError:
                raise
            except openai.APIConnectionError:
                await pause(wait)
            except openai.APIStatusError as error:
                after = _after(error)
                if error.status_code not in RETRIED_STATUS or after > MAX_RETRY_AFTER:
                    raise
                await pause(max(wait, after))
            wait *= 2
        return await self._send(body)

    async def _send(self, body: dict[str, Any]) -> ChatCompletion:
        completion: ChatCompletion = await self._openai().chat.completions.create(**body)
        return completion

    def _said(self, completion: ChatCompletion) -> tuple[str, tuple[ToolCall, ...], str]:
        """The text, the calls and why the reply ended. Raises `ModelError` where the answer is something else."""
        try:
            choice = completion.choices[0]
            text, calls = str(choice.message.content or ""), _calls(choice.message.tool_calls or [])
        except (AttributeError, LookupError, TypeError) as error:
            raise _NoCompletionError(f"{self.place}: the answer is no chat completion") from error
        return text, calls, str(choice.finish_reason)

    def _openai(self) -> AsyncOpenAI:
        """The client, made at the first call: its import takes most of a second."""
        if self._client is None:
            import openai

            self._client = openai.AsyncOpenAI(
                api_key="set by the http client",
                base_url=str(self._address),
                timeout=self._timeout,
                max_retries=0,
                http_client=self._http,
            )
        return self._client

    def _error(self, error: Exception) -> ModelError:
        import openai

        if isinstance(error, openai.APITimeoutError):
            return ModelError(f"{self.place} did not answer within {self._timeout:g} s")
        if isinstance(error, openai.APIConnectionError):
            return ModelError(f"{self.place} cannot be reached: {error.__cause__ or error}")
        if isinstance(error, openai.APIStatusError):
            return ModelError(f"{self.place} answered {error.status_code}: {self._shown(_told(error))}")
        return ModelError(f"{self.place}: {self._shown(str(error))}")

    def _shown(self, message: str) -> str:
        """A server's message without the key that some repeat."""
        return (message.replace(self._key, "[redacted]") if self._key else message)[:MOST_MESSAGE]


class _NoCompletionError(ModelError):
    """The server answered with something else, which may have cost as much."""


class _OurHeaders(httpx2.Auth):
    """The key of our settings or none, and nothing that `openai` reads from the environment or tells about us."""

    def __init__(self, key: str | None) -> None:
        self._key = key

    def auth_flow(self, request: httpx2.Request) -> Iterator[httpx2.Request]:  # type: ignore[override]
        for name in [name for name in request.headers if name.lower().startswith(FOREIGN)]:
            del request.headers[name]
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        yield request


def _http(
    transport: httpx2.AsyncBaseTransport | None, key: str | None, timeout: float, *, secure: bool
) -> httpx2.AsyncClient:
    tls = ssl.create_default_context() if secure and transport is None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx2.AsyncClient(
        transport=transport,
        auth=_OurHeaders(key),
        verify=tls,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(timeout, connect=5.0),
    )


def _prompt_tokens(messages: Sequence[Message], schema: type[BaseModel] | None, tools: Sequence[ToolSpec]) -> int:
    texts = [message.text for message in messages]
    texts += [orjson.dumps(call.arguments).decode() for message in messages for call in message.calls]
    texts += [tool.description + orjson.dumps(tool.parameters).decode() for tool in tools]
    return estimate(*texts, *([form_of(schema)] if schema else []))


def _counted(completion: ChatCompletion, prompt: int, text: str) -> tuple[int, int]:
    """Tokens in and out as the server counted them; an estimate where it did not, and a part of the estimate where it
    counted less than that: with a server that says 0 no budget would ever end."""
    usage = getattr(completion, "usage", None)
    counts = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
    return _believed(counts[0], prompt), _believed(counts[1], estimate(text))


def _believed(counted: object, estimated: int) -> int:
    return max(counted, estimated // TOO_HIGH) if isinstance(counted, int) else estimated


def _calls(found: Sequence[Any]) -> tuple[ToolCall, ...]:
    return tuple(_call(str(call.id), str(call.function.name), str(call.function.arguments or "{}")) for call in found)


def _call(identity: str, name: str, text: str) -> ToolCall:
    try:
        arguments = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ToolCall(identity, name, {}, "the arguments are not JSON")
    if not isinstance(arguments, dict):
        return ToolCall(identity, name, {}, "the arguments are not a JSON object")
    return ToolCall(identity, name, arguments)


def _after(error: Any) -> float:
    text = error.response.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else 0.0


def _told(error: Any) -> str:
    """The server's own message, on one line."""
    body = error.body if isinstance(error.body, dict) else {}
    return " ".join(str(body.get("message") or error.response.text or "no message").split())
