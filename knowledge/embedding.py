"""The embedding function of the index: lexical, offline, known to chromadb by name, so that an index opens again."""

from __future__ import annotations

from typing import Any

from chromadb.api.types import Documents, EmbeddingFunction, Embeddings, Space
from chromadb.utils.embedding_functions import register_embedding_function

from aiops.knowledge.weighting import Weighting


@register_embedding_function
class LexicalEmbedding(EmbeddingFunction[Documents]):
    """BM25 over words and pieces of words; see `weighting`."""

    def __init__(self, weighting: Weighting) -> None:
        self._weighting = weighting

    def __call__(self, input: Documents) -> Embeddings:
        return [self._weighting.passage(text) for text in input]

    def embed_query(self, input: Documents) -> Embeddings:
        return [self._weighting.question(text) for text in input]

    @staticmethod
    def name() -> str:
        return "aiops-lexical"

    def default_space(self) -> Space:
        return "ip"

    def get_config(self) -> dict[str, Any]:
        return self._weighting.config()

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> LexicalEmbedding:
        return LexicalEmbedding(Weighting.read(config))
