"""YAML as Kubernetes means it: times stay texts."""

from __future__ import annotations

import yaml


class PlainLoader(yaml.SafeLoader):
    """Reads what JSON has, and nothing else."""


PlainLoader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for key, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
