"""The process that holds a GGUF model: `python -m aiops.clients.models.local_worker FILE CONTEXT`.

It reads one JSON request a line and writes one JSON answer a line, first `{"ready": true}`. It has a process of its
own because llama.cpp ends the whole process on a malformed grammar or file, and holds it while it evaluates.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any, BinaryIO

SEED = 0
REQUEST_ERRORS = (ValueError, RuntimeError, KeyError, TypeError, IndexError)
"""How llama-cpp-python and a model's own chat template refuse a request."""


def main(file: str, context: int) -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # llama.cpp may print to the standard output
    llama = importlib.import_module("llama_cpp")
    try:
        model = llama.Llama(file, n_ctx=context, seed=SEED, verbose=False)
    except REQUEST_ERRORS as error:
        _write(answers, {"error": f"{error}"})
        return
    _write(answers, {"ready": True})
    for line in sys.stdin.buffer:
        _write(answers, _answer(llama, model, json.loads(line)))


def _answer(llama: Any, model: Any, request: dict[str, Any]) -> dict[str, Any]:
    try:
        schema = request["schema"]
        grammar = llama.LlamaGrammar.from_json_schema(json.dumps(schema), verbose=False) if schema else None
        completion = model.create_chat_completion(
            messages=request["messages"],
            max_tokens=request["max_tokens"],
            temperature=0.0,
            seed=SEED,
            grammar=grammar,
        )
        choice, usage = completion["choices"][0], completion["usage"]
        return {
            "text": choice["message"]["content"] or "",
            "finish": choice["finish_reason"],
            "tokens_in": usage["prompt_tokens"],
            "tokens_out": usage["completion_tokens"],
        }
    except REQUEST_ERRORS as error:
        return {"error": f"{error}"}


def _write(answers: BinaryIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
