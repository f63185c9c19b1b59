"""Plain schemas, and replies read by them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from aiops.clients.models.errors import ModelError
from aiops.clients.models.schemas import inlined, read_reply
from aiops.core.errors import InvalidInputError


class Leaf(BaseModel):
    name: str
    size: int = Field(ge=0)


class Tree(BaseModel):
    model_config = ConfigDict(extra="forbid")
    leaves: tuple[Leaf, ...]
    top: Leaf = Field(description="the highest")


class Endless(BaseModel):
    inner: Endless | None = None


def test_references_are_replaced_by_what_they_mean() -> None:
    plain = inlined(Tree.model_json_schema())
    assert "$" not in json.dumps(plain)
    assert plain["properties"]["leaves"]["items"]["properties"]["size"] == {
        "minimum": 0,
        "title": "Size",
        "type": "integer",
    }
    assert plain["properties"]["top"]["description"] == "the highest"


@pytest.mark.parametrize("schema", [Endless.model_json_schema(), {"$ref": "http://other.example/x"}])
def test_a_schema_without_an_end_or_elsewhere_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="refers to itself"):
        inlined(schema)


LEAVES = st.lists(st.builds(Leaf, name=st.text(), size=st.integers(0, 2**53)), max_size=3)
WORDS = st.text(alphabet=st.characters(exclude_characters="{}`<>", exclude_categories=["Cs"]))


@given(LEAVES, WORDS, WORDS, st.booleans())
def test_an_object_between_words_is_found(leaves: list[Leaf], before: str, after: str, thinks: bool) -> None:
    tree = Tree(leaves=tuple(leaves), top=Leaf(name="t", size=1))
    thought = '<think>{"leaves": 1}</think>' if thinks else ""
    assert read_reply(f"{thought}{before}\n{tree.model_dump_json()}\n{after}", Tree) == tree


@given(st.text())
def test_any_text_gives_an_object_or_our_error(text: str) -> None:
    with pytest.raises(ModelError):
        read_reply(text, Tree)


def test_the_error_names_the_place() -> None:
    with pytest.raises(ModelError, match=r"top\.size"):
        read_reply('{"leaves": [], "top": {"name": "x", "size": -1}}', Tree)
