"""Label sets as hashable values."""

from __future__ import annotations

from collections.abc import Mapping

Labels = tuple[tuple[str, str], ...]
"""(name, value) pairs, rising by name; no empty values. The metric's name is the label `__name__`."""

NAME = "__name__"


def labels_of(mapping: Mapping[str, str]) -> Labels:
    """The label set of a mapping. An empty value means that the label is not there, as in Prometheus."""
    return tuple(sorted([pair for pair in mapping.items() if pair[1]]))
