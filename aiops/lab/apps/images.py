"""The image registries: which references exist, what is in them, and what the runtime says about one that does not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

from pydantic import Field

from aiops.core.errors import InvalidInputError
from aiops.core.model import Value
from aiops.lab.apps.data import read_data
from aiops.lab.apps.model import Program
from aiops.lab.ports import ImageFacts

_UNAUTHORIZED = "pull access denied, repository does not exist or may require authorization"
_REFUSED = f"{_UNAUTHORIZED}: server message: insufficient_scope: authorization failed"
_LAUNCHERS = {
    "java": ("java",),
    "python": ("python", "python3", "gunicorn", "uvicorn"),
    "nodejs": ("node", "npm", "yarn"),
    "mongodb": ("mongod", "docker-entrypoint.sh"),
    "memcached": ("memcached", "docker-entrypoint.sh"),
    "nginx": ("nginx-ingress-controller", "dumb-init", "nginx"),
}
"""What starts a server in an image of each language."""

_EVERYWHERE = (
    "python",
    "python3",
    "node",
    "perl",
    "nginx",
    "httpd",
    "docker-entrypoint.sh",
    "redis-server",
    "postgres",
)
_SERVICE_USER, _ROOT = "65532", "0"
_SMALLEST, _SPREAD = 18_000_000, 90_000_000
"""Bytes of an application's images, between the first and the sum of both."""


ARCHITECTURE = "amd64"
"""What all images are built for of which nothing is said."""


class PublicImage(Value):
    """An image of the public registries. It holds a server (`program`), or runs `command` where a manifest says
    nothing; `tools` are the executables in it, None for the usual ones."""

    tags: str
    size: int = Field(gt=0)
    user: str = _ROOT
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    program: dict[str, Any] | None = None
    tools: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """What a container starts from: a server with its name, or a command. `tools` as in `PublicImage`; `launchers` are
    the programs that start the server, or that can do anything. Servers that `take_flags` are not known so well that
    one could say which."""

    name: str
    program: Program | None
    facts: ImageFacts
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    tools: tuple[str, ...] | None = None
    launchers: tuple[str, ...] = ()
    take_flags: bool = True


class ImageRegistry:
    """The images of an application's programs, and those that the public registries have. Private registries have
    copies of the application's."""

    def __init__(self, programs: Mapping[str, Program]) -> None:
        self._by_repository = {program.image: (name, program) for name, program in programs.items()}
        self._public, self._private = _public()
        self._images: dict[str, Image] = {}
        for host in self._private:
            self._by_repository |= {_mirrored(host, own): found for own, found in [*self._by_repository.items()]}
        self._published: dict[str, tuple[str, ...]] = {}
        self._architectures: dict[tuple[str, str], str] = {}
        hosts = [program.image.partition("/")[0] for program in programs.values()]
        self._hosts = {*hosts, *self._private, *(name.partition("/")[0] for name in self._public)}

    def pull(self, image: str, logins: Mapping[str, tuple[str, str]]) -> str | None:
        """None where the image exists and may be pulled, else the container runtime's message."""
        repository, tag = split_reference(image)
        host = repository.partition("/")[0]
        full = image if "@" in image else f"{repository}:{tag}"
        failed = f'failed to pull and unpack image "{full}": failed to resolve reference "{full}"'
        if host not in self._hosts:
            where = f"https://{host}/v2/{repository.partition('/')[2]}/manifests/{tag}"
            return f'{failed}: failed to do request: Head "{where}": dial tcp: lookup {host}: no such host'
        if host in self._private and logins.get(host) != self._private[host]:
            return (
                f"{failed}: failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized"
            )
        known = self._by_repository.get(repository)
        public = self._public.get(repository)
        if known is None and public is None:
            return f"{failed}: {_REFUSED}"
        built = known is not None and tag in (*known[1].versions, *self._published.get(repository, ()))
        if not built and not (public is not None and re.fullmatch(public.tags, tag)):
            return f"rpc error: code = NotFound desc = {failed}: {full}: not found"
        return None

    def publish(self, repository: str, version: str, architecture: str = ARCHITECTURE) -> None:
        """Let a version be pulled that was not built before. Raises `InvalidInputError` for an unknown image."""
        if repository not in self._by_repository:
            raise InvalidInputError(f"no registry holds an image {repository}")
        self._published[repository] = (*self._published.get(repository, ()), version)
        self._architectures[repository, version] = architecture

    def architecture(self, image: str) -> str:
        """The architecture of the processors for which an image is built."""
        return self._architectures.get(split_reference(image), ARCHITECTURE)

    def withdraw(self, repository: str, version: str) -> None:
        """Take a published version back; nothing where there is none."""
        left = list(self._published.get(repository, ()))
        if version in left:
            left.remove(version)
            self._architectures.pop((repository, version), None)
        self._published[repository] = tuple(left)

    def image(self, image: str) -> Image:
        """What is in an image that can be pulled. Raises `KeyError` for another one."""
        if image not in self._images:
            self._images[image] = self._described(image)
        return self._images[image]

    def _described(self, image: str) -> Image:
        repository = split_reference(image)[0]
        if repository in self._by_repository:
            name, program = self._by_repository[repository]
            user = _SERVICE_USER if program.role == "service" else _ROOT
            tools: tuple[str, ...] | None = () if program.role == "dns" else None
            facts = ImageFacts(_SMALLEST + crc32(image.encode()) % _SPREAD, user)
            launchers = (*_LAUNCHERS.get(program.language, ()), "server")
            own_flags = program.role != "service"
            return Image(name, program, facts, tools=tools, launchers=launchers, take_flags=own_flags)
        public = self._public[repository]
        name = repository.rpartition("/")[2]
        own = None
        if public.program is not None:
            own = Program.model_validate({"image": repository, "versions": ("any",), **public.program})
        facts = ImageFacts(public.size, public.user)
        return Image(name, own, facts, public.entrypoint, public.command, public.tools, _EVERYWHERE)


@cache
def _public() -> tuple[dict[str, PublicImage], dict[str, tuple[str, str]]]:
    """(images by repository, (user, password) by private registry)."""
    data = read_data("images")
    images = {name: PublicImage.model_validate(entry) for name, entry in data["images"].items()}
    return images, {host: (login["user"], login["password"]) for host, login in data["private"].items()}


def _mirrored(host: str, repository: str) -> str:
    """Where a private registry keeps a copy of an image."""
    return f"{host}/{repository.partition('/')[2]}"


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
