"""Discovery of plug-ins, and what is said about a wrong name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiops.core.errors import DuplicateNameError, UnknownNameError
from aiops.core.registry import Registry

PLUGIN = "from {package} import REGISTRY\nREGISTRY.add({name!r}, {value})\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "plugins_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from aiops.core.registry import Registry\nREGISTRY = Registry('gadget', 'plugins_of_a_test')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [n for n in sys.modules if n.startswith("plugins_of_a_test")]:
        del sys.modules[name]


def _plugin(folder: Path, file: str, name: str, value: int) -> None:
    (folder / file).write_text(PLUGIN.format(package="plugins_of_a_test", name=name, value=value))


def _registry() -> Registry[int]:
    import plugins_of_a_test  # type: ignore[import-not-found]

    registry: Registry[int] = plugins_of_a_test.REGISTRY
    return registry


def test_one_new_file_is_one_new_plugin(package: Path) -> None:
    _plugin(package, "b.py", "wheel", 2)
    _plugin(package, "a.py", "axle", 1)
    registry = _registry()
    assert registry.names() == ["axle", "wheel"]
    assert list(registry) == [1, 2]
    assert len(registry) == 2
    assert registry.get("wheel") == 2


def test_a_name_is_taken_once(package: Path) -> None:
    _plugin(package, "a.py", "axle", 1)
    _plugin(package, "b.py", "axle", 2)
    with pytest.raises(DuplicateNameError, match="axle"):
        _registry().names()


def test_an_unknown_name_suggests_the_nearest(package: Path) -> None:
    _plugin(package, "a.py", "wrong_target_port", 1)
    with pytest.raises(UnknownNameError, match="did you mean wrong_target_port") as caught:
        _registry().get("wrong_port")
    assert caught.value.suggestions == ["wrong_target_port"]
    with pytest.raises(UnknownNameError, match="known: wrong_target_port"):
        _registry().get("zzz")
