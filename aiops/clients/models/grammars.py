"""The part of JSON schema that llama.cpp's grammars hold safely."""

from __future__ import annotations

from typing import Any

KEPT = frozenset({"type", "enum", "const", "required"})
MOST_ITEMS = 32
"""A bound on a length becomes that many levels of the grammar, and llama.cpp ends its process at some thousands."""


def safe_for_grammar(schema: Any) -> Any:
    """The schema without what could harm: bounds of texts, patterns, formats, long lists' bounds. An allow-list, so
    that a keyword which a new tool brings along is left out. What is lost here is validated after the reply."""
    if not isinstance(schema, dict):
        return schema
    found = {key: value for key, value in schema.items() if key in KEPT}
    if "properties" in schema:
        found["properties"] = {name: safe_for_grammar(part) for name, part in schema["properties"].items()}
    if "items" in schema:
        found["items"] = safe_for_grammar(schema["items"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            found[key] = [safe_for_grammar(part) for part in schema[key]]
    if "additionalProperties" in schema:
        found["additionalProperties"] = safe_for_grammar(schema["additionalProperties"])
    for key in ("minItems", "maxItems"):
        if isinstance(schema.get(key), int) and schema[key] <= MOST_ITEMS:
            found[key] = schema[key]
    return found
