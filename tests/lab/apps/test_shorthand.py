from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.core.errors import InvalidInputError
from aiops.lab.apps.building import complete_application

SHOP: dict[str, Any] = {
    "name": "shop",
    "namespace": "shop",
    "host": "shop.example.com",
    "entry": "web",
    "rate": 10,
    "operations": [{"name": "look", "method": "GET", "path": "/", "share": 1.0}],
    "defaults": {"address": "{}_URL", "call": {"timeout": 0.7, "budget": {"ratio": 0.1}, "breaker": {}}},
    "machines": {
        "general": {"count": 4, "cpu": 4, "memory": "8Gi", "labels": {"tier": "web"}},
        "data": {"cpu": 8, "memory": "32Gi", "taints": [{"key": "dedicated", "value": "data"}]},
    },
    "services": {
        "web": {
            "language": "go",
            "versions": ["1.0", "1.1"],
            "size": "medium",
            "addresses": "config",
            "routes": {
                "GET /": {
                    "cpu_ms": 2,
                    "calls": ["items GET /items", [{"call": "items GET /count", "retries": 1}, "jobs publish"]],
                }
            },
        },
        "items": {
            "language": "java",
            "versions": ["2.0", "2.1"],
            "resources": {"memory_limit": "1Gi"},
            "caches": {"items": {"keys": 10, "entries": 10, "at": "cache"}},
            "routes": {
                "GET /items": {
                    "cpu_ms": 3,
                    "calls": [{"call": "cache get", "optional": True}, {"call": "db find", "cache": "items"}],
                },
                "GET /count": 1,
            },
        },
        "worker": {
            "language": "python",
            "versions": ["0.1", "0.2"],
            "consumers": [{"at": "jobs", "topic": "tasks", "route": "CONSUME tasks"}],
            "routes": {"CONSUME tasks": 5},
        },
    },
    "stores": {
        "db": {"kind": "mongodb", "namespace": "shop-data", "storage": "5Gi"},
        "cache": {"kind": "memcached"},
        "jobs": {"kind": "rabbitmq", "topics": {"tasks": {"limit": 10}}},
    },
}


@pytest.fixture
def data() -> dict[str, Any]:
    return copy.deepcopy(SHOP)


def test_addresses_follow_from_calls(data: dict[str, Any]) -> None:
    shop = complete_application(data, "shop.yaml")
    assert shop.workloads["web"].config == {"ITEMS_URL": "items:8080", "JOBS_URL": "jobs:5672"}
    assert shop.workloads["web"].env == {}
    assert shop.workloads["items"].env == {"CACHE_URL": "cache:11211", "DB_URL": "db.shop-data:27017"}
    assert shop.workloads["worker"].env["JOBS_URL"] == "jobs:5672"
    assert shop.namespaces == ("shop", "shop-data")


def test_passwords_follow_from_stores(data: dict[str, Any]) -> None:
    shop = complete_application(data, "shop.yaml")
    assert shop.workloads["items"].secrets["DB_PASSWORD"].secret == "db-credentials"
    assert shop.workloads["db"].secrets["MONGO_INITDB_ROOT_PASSWORD"].secret == "db-credentials"
    assert complete_application(data, "shop.yaml").secrets == shop.secrets
    assert len({entry["password"] for entry in shop.secrets.values()}) == len(shop.secrets) == 2


def test_stages_stand_one_after_the_other(data: dict[str, Any]) -> None:
    route = complete_application(data, "shop.yaml").programs["web"].routes["GET /"]
    assert [[call.route for call in stage] for stage in route.calls] == [["GET /items"], ["GET /count", "publish"]]


def test_what_is_said_of_every_call_is_kept_to_those_that_it_fits(data: dict[str, Any]) -> None:
    programs = complete_application(data, "shop.yaml").programs
    (first,), (count, publish) = programs["web"].routes["GET /"].calls
    assert (first.timeout, first.budget, first.breaker is None) == (0.7, None, False)
    assert count.budget is not None
    assert publish.breaker is None


def test_runtimes_sizes_and_drivers_fill_in(data: dict[str, Any]) -> None:
    shop = complete_application(data, "shop.yaml")
    items = shop.programs["items"]
    assert items.image == "registry.example.com/items"
    assert items.collector is not None
    assert items.routes["GET /count"].allocated_bytes > 0
    assert items.pools.keys() == {"DB_URL"}
    assert items.caches["items"].at == "CACHE_URL"
    assert shop.workloads["items"].resources.memory_limit == "1Gi"
    assert shop.workloads["items"].version == "2.1"
    assert shop.workloads["web"].resources.cpu_limit == "1"


def test_stores_are_programs_of_the_platform(data: dict[str, Any]) -> None:
    shop = complete_application(data, "shop.yaml")
    assert shop.workloads["db"].kind == "StatefulSet"
    assert shop.workloads["db"].volumes["data"].size == "5Gi"
    assert shop.workloads["cache"].kind == "Deployment"
    assert shop.programs["rabbitmq"].topics["tasks"].limit == 10
    assert "mysql" not in shop.programs, "only what runs"


def test_machines_are_numbered_and_spread_over_zones(data: dict[str, Any]) -> None:
    nodes = complete_application(data, "shop.yaml").nodes
    assert [node.name for node in nodes] == ["general-1", "general-2", "general-3", "general-4", "data-1"]
    assert len({node.address for node in nodes}) == 5
    zones = [node.labels["topology.kubernetes.io/zone"] for node in nodes]
    assert zones == ["zone-a", "zone-b", "zone-c", "zone-a", "zone-a"]
    assert nodes[0].labels["tier"] == "web"
    assert nodes[4].taints[0].value == "data"


def test_a_certificate_comes_by_itself(data: dict[str, Any]) -> None:
    tls = complete_application(data, "shop.yaml").tls
    assert tls.secrets[tls.secret].hosts == ("shop.example.com",)


WRONG: list[tuple[tuple[str | int, ...], object, str]] = [
    (("services", "web", "cpu"), 1, r"services\.web\.cpu: no such field"),
    (("services", "web", "language"), "gopher", r"services\.web\.language: no runtime is called 'gopher'"),
    (("services", "web", "size"), "vast", r"services\.web\.size: no size is called 'vast'"),
    (("services", "web", "addresses"), "file", r"services\.web\.addresses: neither env nor config"),
    (("services", "web", "port"), "http", r"services\.web\.port: Input should be a valid integer"),
    (("services", "web", "routes", "GET /", "calls", 0), "itms GET /items", "no service or store named 'itms'"),
    (("services", "web", "routes", "GET /", "calls", 0), "items GET /item", r"calls\.0\.0: items has no route"),
    (("services", "web", "routes", "GET /", "calls"), "items", r"routes\.GET /\.calls: not a list"),
    (("services", "web", "routes", "GET /", "cpu"), 1, r"services\.web\.routes\.GET /\.cpu: Extra inputs"),
    (("services", "web", "routes", "GET /"), "fast", r"services\.web\.routes\.GET /: not a mapping"),
    (("services", "web"), [], r"services\.web: not a mapping"),
    (("services", "items", "caches", "items", "at"), "memory", r"caches\.items\.at: no service or store"),
    (("services", "worker", "consumers", 0, "topic"), "nothing", r"services\.worker\.consumers: no topic named"),
    (("services", "worker", "consumers", 0, "route"), "nothing", r"services\.worker\.consumers: no route"),
    (("services", "items", "priority"), "high", r"services\.items\.priority: no priority class named 'high'"),
    (("services", "items", "schedule"), "* * * * *", r"services\.items\.schedule: a CronJob has one"),
    (("stores", "db", "kind"), "oracle", r"stores\.db\.kind: no program of the platform is called 'oracle'"),
    (("stores", "cache", "storage"), "1Gi", r"stores\.cache\.storage: memcached keeps nothing on a disk"),
    (("stores", "db", "disk"), "1Gi", r"stores\.db\.disk: no such field"),
    (("stores", "db", "version"), "1.0", r"stores\.db\.version: mongodb has no version '1.0'"),
    (("machines", "data", "count"), 0, r"machines\.data\.count: not a number"),
    (("machines", "data", "gpu"), 1, r"machines\.data\.gpu: no such field"),
    (("defaults", "timeout"), 1, r"defaults\.timeout: no such field"),
    (("operations", 0, "path"), "/a?b", r"operations\.0\.path: '/a\?b' is no path"),
    (("operations", 0, "path"), "/b", r"operations\.0: web has no route 'GET /b'"),
    (("operations", 0, "entry"), "gone", r"operations\.0\.entry: no workload named 'gone'"),
    (("tenants",), [{"name": "a", "share": 0.5}], "tenants: the shares do not sum to 1"),
    (("tenants",), [{"name": "a", "share": 1, "operations": {"buy": 1}}], r"tenants\.a: no operation named 'buy'"),
    (("tenants",), [{"name": "a", "share": 1, "operations": {"look": 0.5}}], r"tenants\.a: the shares"),
    (("colour",), "red", "colour: Extra inputs"),
]


@pytest.mark.parametrize(("path", "value", "message"), WRONG)
def test_what_is_wrong_is_named_with_its_place_in_the_file(
    data: dict[str, Any], path: tuple[str | int, ...], value: object, message: str
) -> None:
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(InvalidInputError, match=rf"^shop\.yaml: .*{message}"):
        complete_application(data, "shop.yaml")


def test_a_file_that_holds_no_mapping() -> None:
    with pytest.raises(InvalidInputError, match=r"^shop\.yaml: not a mapping"):
        complete_application([], "shop.yaml")  # type: ignore[arg-type]
