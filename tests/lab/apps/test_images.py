from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.apps import Application
from aiops.lab.apps.images import ImageRegistry, split_reference


@pytest.fixture
def registry(hotel: Application) -> ImageRegistry:
    return ImageRegistry(hotel.programs)


def test_every_version_can_be_pulled(hotel: Application, registry: ImageRegistry) -> None:
    for program in hotel.programs.values():
        assert len(program.versions) >= 2
        assert [registry.pull(f"{program.image}:{version}", {}) for version in program.versions] == [None] * len(
            program.versions
        )


def test_a_missing_tag_gives_the_runtime_s_message(registry: ImageRegistry) -> None:
    image = "registry.example.com/hotel/geo:9.9.9"
    message = registry.pull(image, {})
    assert message is not None
    assert message.startswith("rpc error: code = NotFound")
    assert message.endswith(f'failed to resolve reference "{image}": {image}: not found')


def test_a_missing_repository_is_access_denied(registry: ImageRegistry) -> None:
    assert "pull access denied" in str(registry.pull("registry.example.com/hotel/goe:1.6.1", {}))


def test_an_unknown_registry_has_no_address(registry: ImageRegistry) -> None:
    assert "lookup regsitry.example.com: no such host" in str(registry.pull("regsitry.example.com/hotel/geo:1.6.1", {}))


def test_the_program_is_that_of_the_image(registry: ImageRegistry) -> None:
    assert registry.image("mongo:7.0.14").name == "mongodb"
    assert registry.image("docker.io/library/mongo:6.0.16").name == "mongodb"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("mongo", ("docker.io/library/mongo", "latest")),
        ("bitnami/redis:7", ("docker.io/bitnami/redis", "7")),
        ("localhost:5000/a/b:1", ("localhost:5000/a/b", "1")),
        ("quay.io/x@sha256:abc", ("quay.io/x", "latest")),
    ],
)
def test_references(image: str, expected: tuple[str, str]) -> None:
    assert split_reference(image) == expected


_name = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)


@given(_name, _name, _name)
def test_a_full_reference_is_taken_apart_as_it_was_put_together(host: str, path: str, tag: str) -> None:
    assert split_reference(f"{host}.io/{path}:{tag}") == (f"{host}.io/{path}", tag)


def test_a_private_registry_has_copies_for_who_may_see_them(registry: ImageRegistry) -> None:
    image = "registry.private.example/hotel/geo:1.6.1"
    assert "401 Unauthorized" in str(registry.pull(image, {}))
    assert registry.pull(image, {"registry.private.example": ("puller", "let-me-in")}) is None
    assert registry.image(image).program == registry.image("registry.example.com/hotel/geo:1.6.1").program


def test_a_version_may_be_built_for_other_processors(registry: ImageRegistry) -> None:
    repository = "registry.example.com/hotel/geo"
    assert registry.architecture(f"{repository}:1.6.1") == "amd64"
    registry.publish(repository, "1.6.2", "arm64")
    assert registry.architecture(f"{repository}:1.6.2") == "arm64"
    registry.withdraw(repository, "1.6.2")
    assert registry.architecture(f"{repository}:1.6.2") == "amd64"
