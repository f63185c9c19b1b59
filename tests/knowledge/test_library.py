"""The library: what comes with the product, the user's own folder, and an index that follows both."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aiops.core.errors import ConfigurationError, StorageError, UnknownNameError
from aiops.core.mechanism import Mechanism
from aiops.knowledge.library import Library

OWN = "---\ntitle: Payment gateway quirks\nmechanisms: [resource.memory_limit]\n---\n## Mitigation\nCall the {}.\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "payments.md").write_text(OWN.format("zebra team"))
    return folder


def test_the_users_runbooks_come_first_and_take_the_place_of_ours(tmp_path: Path, own: Path) -> None:
    (own / "cpu-limit.md").write_text("---\ntitle: Ours\n---\n## Mitigation\nNothing.\n")
    library = Library.open(tmp_path, own)
    assert [r.name for r in library.for_mechanism(Mechanism.RESOURCE_MEMORY_LIMIT)] == ["payments", "memory-limit"]
    assert library.get("cpu-limit").title == "Ours"
    assert library.for_mechanism(Mechanism.RESOURCE_CPU_LIMIT) == []


def test_a_bad_file_is_told_and_the_others_are_there(tmp_path: Path, own: Path) -> None:
    (own / "bad.md").write_text("---\ntitle: [\n---\n## A\n")
    (own / "binary.md").write_bytes(b"\xff\xfe\x00")
    (own / "folder.md").mkdir()
    library = Library.open(tmp_path, own)
    assert [p.split(":")[0].rsplit("/", 1)[1] for p in library.problems] == ["bad.md", "binary.md", "folder.md"]
    assert library.get("payments").own
    with pytest.raises(UnknownNameError, match="did you mean payments"):
        library.get("payment")


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"runbooks_dir: .*missing is no folder"):
        Library.open(tmp_path, tmp_path / "missing")


def test_a_changed_file_is_found_without_opening_again(tmp_path: Path, own: Path) -> None:
    library = Library.open(tmp_path, own)
    assert library.search("zebra")[0].runbook == "payments"
    (own / "payments.md").write_text(OWN.format("walrus department"))
    assert library.search("zebra") == []
    assert library.search("walrus")[0].text == "Call the walrus department."
    (own / "payments.md").unlink()
    assert library.search("walrus") == []


def test_the_index_is_kept_and_opened_again(tmp_path: Path, own: Path) -> None:
    first = Library.open(tmp_path, own).search("zebra kernel memory", 5)
    assert len({passage.runbook for passage in first}) == len(first) == 5
    assert [p.score for p in first] == sorted((p.score for p in first), reverse=True)
    files = sorted(tmp_path.rglob("*.sqlite3"))
    again = Library.open(tmp_path, own).search("zebra kernel memory", 5)
    assert again == first
    assert sorted(tmp_path.rglob("*.sqlite3")) == files


def test_searches_at_once_find_the_same(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: library.search("pods keep dying with 137"), range(8)))
    assert found[0]
    assert all(one == found[0] for one in found)


def test_a_file_that_is_too_large_is_left_out(tmp_path: Path, own: Path) -> None:
    (own / "large.md").write_text("---\ntitle: x\n---\n## A\n" + "x" * 1_000_001)
    assert ["larger than" in problem for problem in Library.open(tmp_path, own).problems] == [True]


def test_a_mechanism_narrows_a_search(tmp_path: Path, own: Path) -> None:
    found = Library.open(tmp_path, own).search("kernel kills the process", 9, Mechanism.RESOURCE_MEMORY_LIMIT)
    assert {passage.runbook for passage in found} <= {"memory-limit", "payments"}
    assert found[0].runbook == "memory-limit"


def test_words_that_nobody_wrote_find_nothing(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    assert library.search("qqqq zzzz") == []
    assert library.search("  ") == []


def test_a_place_that_cannot_hold_an_index_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "runbooks").write_text("a file")
    with pytest.raises(StorageError, match="index of runbooks"):
        Library.open(tmp_path).search("memory")


def test_no_connection_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError(f"a connection to {arguments}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert Library.open(tmp_path).search("memory")


def test_opening_does_not_import_the_index() -> None:
    code = (
        "import sys, pathlib; from aiops.knowledge.library import Library; from aiops.core.mechanism import Mechanism;"
        "Library.open(pathlib.Path('nowhere')).for_mechanism(Mechanism.NETWORK_POLICY)[0];"
        "sys.exit('chromadb' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_pipe_among_the_runbooks_is_left_out(tmp_path: Path, own: Path) -> None:
    os.mkfifo(own / "pipe.md")
    library = Library.open(tmp_path, own)
    assert [problem.rsplit("/", 1)[1] for problem in library.problems] == ["pipe.md: is no file"]
