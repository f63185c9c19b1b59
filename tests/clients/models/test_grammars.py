"""What is left of a schema for a grammar, and that every reading tool's schema gives one that runs."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.agents.ask.reading_loop import tool_specs
from aiops.agents.ask.with_model import Written
from aiops.clients.models.grammars import KEPT, MOST_ITEMS, safe_for_grammar
from aiops.clients.models.local import LocalModel
from aiops.clients.models.local_chat import grammar_of

pytest.importorskip("gguf")

ALLOWED = KEPT | {"properties", "items", "anyOf", "oneOf", "additionalProperties", "minItems", "maxItems"}
KEYWORDS = st.sampled_from(["maxLength", "minLength", "pattern", "format", "$ref", "not", "description", "multipleOf"])
LEAVES = st.dictionaries(KEYWORDS, st.integers() | st.text()).map(lambda extra: {"type": "string", **extra})


def wrapped(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        inner.map(lambda s: {"type": "array", "items": s, "maxItems": 10**6})
        | st.dictionaries(st.text(), inner, max_size=3).map(lambda p: {"type": "object", "properties": p})
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts})
    )


def keywords(schema: Any) -> set[str]:
    if not isinstance(schema, dict):
        return set()
    parts = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), schema.get("items")]
    return set(schema) | {word for part in parts for word in keywords(part)}


@given(st.recursive(LEAVES, wrapped, max_leaves=8))
def test_only_harmless_keywords_are_left(schema: dict[str, Any]) -> None:
    assert keywords(safe_for_grammar(schema)) <= ALLOWED - {"maxItems"}


def test_small_bounds_of_lists_stay() -> None:
    schema = {"type": "array", "items": {"enum": [1, 2]}, "minItems": 2, "maxItems": MOST_ITEMS}
    assert safe_for_grammar(schema) == schema


def test_a_property_may_be_named_like_a_keyword() -> None:
    schema = {"type": "object", "properties": {"pattern": {"type": "string"}, "maxLength": {"type": "integer"}}}
    assert safe_for_grammar(schema) == schema


@pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="the extra 'local' is missing")
async def test_the_schemas_of_all_reading_tools_run(tmp_path: Path) -> None:
    from tests.support.tiny_gguf import write_tiny_gguf

    model = LocalModel(write_tiny_gguf(tmp_path / "tiny.gguf"), context=2048)
    specs = tool_specs()
    forms = [grammar_of(Written, ()), grammar_of(None, specs), *(grammar_of(None, [spec]) for spec in specs)]
    turns = [{"role": "user", "content": "x"}]
    try:
        for form in forms:
            answer = await model._worker.ask({"messages": turns, "schema": form, "max_tokens": 20}, 60.0)
            assert answer.get("tokens_out"), (form, answer)
    finally:
        await model.close()
