"""The image registry: which references exist, and what the runtime says about one that does not."""

from __future__ import annotations

from collections.abc import Mapping

from aiops.lab.apps.model import Program


class ImageRegistry:
    """The images of an application's programs."""

    def __init__(self, programs: Mapping[str, Program]) -> None:
        self._by_repository = {program.image: (name, program) for name, program in programs.items()}
        self._hosts = sorted({program.image.partition("/")[0] for program in programs.values()})

    def pull(self, image: str) -> str | None:
        """None where the image exists, else the container runtime's message."""
        repository, tag = split_reference(image)
        host = repository.partition("/")[0]
        failed = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}"'
        if host not in self._hosts:
            return f'{failed}: failed to do request: Head "https://{host}/v2/": dial tcp: lookup {host}: no such host'
        found = self._by_repository.get(repository)
        if found is None:
            return f"{failed}: pull access denied, repository does not exist or may require authorization"
        if tag not in found[1].versions:
            return f"rpc error: code = NotFound desc = {failed}: {image}: not found"
        return None

    def program(self, image: str) -> tuple[str, Program]:
        """(name, program) in an image that can be pulled."""
        return self._by_repository[split_reference(image)[0]]


def split_reference(image: str) -> tuple[str, str]:
    """(repository with its registry, tag) of an image reference; docker.io and `latest` where it names none."""
    image = image.partition("@")[0]
    head, _, last = image.rpartition("/")
    name, _, tag = last.partition(":")
    repository = f"{head}/{name}" if head else name
    first = repository.partition("/")[0]
    if "/" not in repository:
        repository = f"docker.io/library/{repository}"
    elif "." not in first and ":" not in first and first != "localhost":
        repository = f"docker.io/{repository}"
    return repository, tag or "latest"
