"""The index of passages in chromadb: a folder on this machine, built anew where the runbooks are others."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from aiops.core.errors import StorageError
from aiops.core.mechanism import Mechanism
from aiops.core.runbook import Passage, Runbook, Section

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import Embeddable, EmbeddingFunction

VERSION = "2"
"""Counts up when features or weights change: an index of another version is built anew."""


class Index:
    """Passages of a fixed set of runbooks. The folder is opened, and chromadb imported, at the first search."""

    def __init__(self, directory: Path, runbooks: Sequence[Runbook]) -> None:
        self._directory = directory
        self._runbooks = {runbook.name: runbook for runbook in runbooks}
        self._client: ClientAPI | None = None
        self._lock = Lock()

    def search(self, text: str, k: int, mechanism: Mechanism | None) -> list[Passage]:
        """The best passage of each of the `k` best runbooks. Raises `StorageError` where the folder cannot be used."""
        if not self._runbooks or not text.strip():
            return []
        from chromadb.errors import ChromaError

        try:
            with self._lock:  # searches run in threads, and the first one builds
                found = self._found(text)
        except (ChromaError, OSError, ValueError) as error:
            raise StorageError(f"the index of runbooks in {self._directory} cannot be used: {error}") from error
        best: dict[str, Passage] = {}
        for passage in sorted(found, key=lambda p: (-p.score, p.runbook, p.heading)):
            fits = mechanism is None or mechanism in self._runbooks[passage.runbook].mechanisms
            if fits and passage.score > 0:
                best.setdefault(passage.runbook, passage)
        return list(best.values())[:k]

    def _found(self, text: str) -> list[Passage]:
        collection = self._collection()
        answer = collection.query(query_texts=[text], n_results=collection.count(), include=["metadatas", "distances"])
        metadatas, distances = answer["metadatas"], answer["distances"]
        if metadatas is None or distances is None:
            return []
        found = []
        for metadata, distance in zip(metadatas[0], distances[0], strict=True):
            runbook = self._runbooks[str(metadata["runbook"])]
            section = runbook.sections[int(str(metadata["section"]))]
            score = round(max(0.0, 1.0 - distance), 4)
            found.append(
                Passage(
                    runbook=runbook.name, title=runbook.title, heading=section.heading, text=section.text, score=score
                )
            )
        return found

    def _collection(self) -> Collection:
        from chromadb.errors import NotFoundError

        client = self._opened()
        name = f"runbooks-{self.digest()}"
        try:
            return client.get_collection(name)
        except NotFoundError:
            return self._built(client, name)

    def _built(self, client: ClientAPI, name: str) -> Collection:
        """A new collection takes the place of all older ones."""
        from aiops.knowledge.embedding import LexicalEmbedding
        from aiops.knowledge.weighting import Weighting

        for old in client.list_collections():
            client.delete_collection(old.name)
        whole, passages = self._texts()
        embedding = cast("EmbeddingFunction[Embeddable]", LexicalEmbedding(Weighting.of(whole, passages)))
        collection = client.create_collection(name, embedding_function=embedding)
        places = [(r.name, number) for r in self._runbooks.values() for number in range(len(r.sections))]
        collection.add(
            ids=[f"{runbook}/{number}" for runbook, number in places],
            documents=passages,
            metadatas=[{"runbook": runbook, "section": number} for runbook, number in places],
        )
        return collection

    def _opened(self) -> ClientAPI:
        if self._client is None:
            import chromadb
            from chromadb.config import Settings

            import aiops.knowledge.embedding  # noqa: F401 - chromadb finds the class by name when it opens the index

            self._directory.mkdir(parents=True, exist_ok=True)
            quiet = Settings(anonymized_telemetry=False, chroma_otel_collection_endpoint="")
            self._client = chromadb.PersistentClient(os.fspath(self._directory), settings=quiet)
        return self._client

    def _texts(self) -> tuple[list[str], list[str]]:
        """The texts of whole runbooks, and of all passages in order."""
        passages = [[_indexed(runbook, part) for part in runbook.sections] for runbook in self._runbooks.values()]
        return ["\n".join(texts) for texts in passages], [text for texts in passages for text in texts]

    def digest(self) -> str:
        """Of all that the index was built from."""
        content = "\n".join([VERSION, *(runbook.model_dump_json() for runbook in self._runbooks.values())])
        return hashlib.sha256(content.encode()).hexdigest()[:24]


def _indexed(runbook: Runbook, part: Section) -> str:
    known = f"{runbook.title} {' '.join(runbook.symptoms)} {' '.join(runbook.applies_to)}"
    return "\n".join([known, part.heading, part.text])
