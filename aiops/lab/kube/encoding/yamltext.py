"""YAML bodies, read as the API server's library reads them: YAML 1.1 with times as text and no base-60 numbers."""

from __future__ import annotations

import re
from typing import Any

import yaml

from aiops.lab.kube.encoding.jsontext import WrongTextError
from aiops.lab.kube.encoding.yamlparser import YamlLoader, go_words

_PREFIX = "tag:yaml.org,2002:"
_MOST_NODES = 400_000
"""What aliases may stand for in all: a few lines of them could stand for more than any memory holds."""

_RESOLVERS = (
    ("bool", r"y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF", "yYnNtTfFoO"),
    ("int", r"[-+]?(?:0b[01_]+|0o?[0-7_]*|[1-9][0-9_]*|0x[0-9a-fA-F_]+)", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?", "-+0123456789."),
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
)  # fmt: skip
_TRUE = ("y", "yes", "true", "on")


class _Loader(YamlLoader):
    """`repeated`: a message for each key that a mapping names twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - as PyYAML declares it

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.repeated: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    line = key.start_mark.line + 1
                    self.repeated.append(f'line {line}: key "{key.value}" already set in map')
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _construct_bool(_: _Loader, node: yaml.ScalarNode) -> bool:
    return str(node.value).lower() in _TRUE


def _construct_int(_: _Loader, node: yaml.ScalarNode) -> int:
    text = str(node.value).replace("_", "").lower()
    sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    if digits.startswith(("0x", "0b", "0o")):
        return sign * int(digits, 0)
    return sign * int(digits, 8 if digits.startswith("0") and digits != "0" else 10)


def _construct_text(loader: _Loader, _: str, node: yaml.Node) -> Any:
    """A tag of anybody's: its value is read as without it."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)  # type: ignore[arg-type]


for _tag, _pattern, _first in _RESOLVERS:
    _whole = re.compile(f"^(?:{_pattern})$")
    for _char in _first:
        _Loader.yaml_implicit_resolvers.setdefault("" if _char == "\0" else _char, []).append((_PREFIX + _tag, _whole))
_Loader.add_constructor(_PREFIX + "bool", _construct_bool)
_Loader.add_constructor(_PREFIX + "int", _construct_int)
_Loader.add_multi_constructor("", _construct_text)


def parse_yaml(content: bytes) -> tuple[Any, list[str]]:
    """The value as JSON has it, and what strict reading refuses. Raises WrongTextError."""
    try:
        loader = _Loader(content)
        try:
            node = loader.get_single_node()
            if node is None:
                return None, []
            _check_size(node)
            return _json(loader.construct_document(node)), loader.repeated
        finally:
            loader.dispose()
    except RecursionError as error:
        raise WrongTextError("exceeded max depth") from error
    except yaml.YAMLError as error:
        raise WrongTextError(f"yaml: {go_words(error)}") from error
    except ValueError as error:
        raise WrongTextError(f"yaml: {error}") from error


def _check_size(node: yaml.Node) -> None:
    """Refuse aliases that stand for too much, or for what they are part of."""
    sizes: dict[int, int] = {}
    open_ones: set[int] = set()

    def size(of: yaml.Node) -> int:
        if id(of) in open_ones:
            raise ValueError("anchor value contains itself")
        if id(of) not in sizes:
            open_ones.add(id(of))
            inner = [part for pair in of.value for part in pair] if isinstance(of, yaml.MappingNode) else of.value
            total = 1 if isinstance(of, yaml.ScalarNode) else 1 + sum(size(part) for part in inner)
            open_ones.discard(id(of))
            if total > _MOST_NODES:
                raise ValueError("document contains excessive aliasing")
            sizes[id(of)] = total
        return sizes[id(of)]

    size(node)


def _json(value: Any) -> Any:
    """Keys as text and whole numbers as such, as JSON has them."""
    if isinstance(value, dict):
        return {_key(key): _json(item) for key, item in value.items()}
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return [_json(item) for item in value] if isinstance(value, list) else value


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)
