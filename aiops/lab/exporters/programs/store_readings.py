"""What the exporters of data stores, brokers and CoreDNS tell, by the name of the port at which these serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiops.lab.exporters.exposition.forms import Reading
from aiops.lab.traffic.network.resolver import NODE_SERVER
from aiops.lab.traffic.transport.lookups import BOUNDS

_DATABASE = {"datname": "app"}
_VHOST = {"vhost": "/"}
_PARTITION = {"partition": "0"}


@dataclass(frozen=True, slots=True)
class StoreReadings:
    """`up` names the metric that says whether the store answers its exporter; empty where there is none.

    `of_process` are read once for a store, `of_cache` where others keep their caches in it, `of_topic` once for each of
    its topics, whose label is `topic_label`, `of_names` and `of_durations` where it answers look-ups of names, and
    `of_operation` for each kind of request, by its name ("*": any, whose name is `operation_label`)."""

    up: str = ""
    of_process: Sequence[Reading] = ()
    of_cache: Sequence[Reading] = ()
    of_topic: Sequence[Reading] = ()
    topic_label: str = ""
    group_label: str = ""
    of_names: Sequence[Reading] = ()
    of_durations: Sequence[Reading] = ()
    of_operation: Mapping[str, Sequence[Reading]] = field(default_factory=dict)
    operation_label: str = ""


_MONGODB = StoreReadings(
    up="mongodb_up",
    of_process=(
        Reading("mongodb_ss_connections", "connections", whole=True, labels={"conn_type": "current"}),
        Reading("mongodb_ss_connections", "free_connections", whole=True, labels={"conn_type": "available"}),
        Reading("mongodb_ss_connections", "in_flight", whole=True, labels={"conn_type": "active"}),
        Reading("mongodb_ss_globalLock_currentQueue", "queued", whole=True, labels={"count_type": "total"}),
        Reading("mongodb_dbstats_dataSize", "data", whole=True, labels={"database": "app"}),
    ),
    of_operation={
        "find": (Reading("mongodb_ss_opcounters", "handler_ok", whole=True, labels={"legacy_op_type": "query"}),),
        "insert": (Reading("mongodb_ss_opcounters", "handler_ok", whole=True, labels={"legacy_op_type": "insert"}),),
        "update": (Reading("mongodb_ss_opcounters", "handler_ok", whole=True, labels={"legacy_op_type": "update"}),),
    },
)
_POSTGRESQL = StoreReadings(
    up="pg_up",
    of_process=(
        Reading("pg_stat_activity_count", "in_flight", whole=True, labels={**_DATABASE, "state": "active"}),
        Reading("pg_stat_activity_count", "idle_connections", whole=True, labels={**_DATABASE, "state": "idle"}),
        Reading("pg_settings_max_connections", "most_connections"),
        Reading("pg_database_size_bytes", "data", whole=True, labels=_DATABASE),
    ),
    of_operation={
        "select": (Reading("pg_stat_database_tup_fetched", "handler_ok", whole=True, labels=_DATABASE),),
        "insert": (Reading("pg_stat_database_tup_inserted", "handler_ok", whole=True, labels=_DATABASE),),
        "update": (Reading("pg_stat_database_tup_updated", "handler_ok", whole=True, labels=_DATABASE),),
    },
)
_MYSQL = StoreReadings(
    up="mysql_up",
    of_process=(
        Reading("mysql_global_status_threads_connected", "connections", whole=True),
        Reading("mysql_global_status_threads_running", "in_flight", whole=True),
        Reading("mysql_global_variables_max_connections", "most_connections"),
        Reading("mysql_global_status_aborted_connects", "refused_connections", whole=True),
    ),
    of_operation={"*": (Reading("mysql_global_status_commands_total", "handler_ok", whole=True),)},
    operation_label="command",
)
_REDIS = StoreReadings(
    up="redis_up",
    of_process=(
        Reading("redis_connected_clients", "connections", whole=True),
        Reading("redis_config_maxclients", "most_connections"),
        Reading("redis_acl_access_denied_auth_total", "refused_logins", whole=True),
        Reading("redis_memory_used_bytes", "working_set", 0.9, whole=True),
    ),
    of_cache=(
        Reading("redis_keyspace_hits_total", "kept_hits", whole=True),
        Reading("redis_keyspace_misses_total", "kept_misses", whole=True),
        Reading("redis_db_keys", "kept_entries", whole=True, labels={"db": "db0"}),
    ),
    of_operation={
        "*": (
            Reading("redis_commands_total", "handler_ok", whole=True),
            Reading("redis_commands_failed_calls_total", "handler_failed", whole=True),
        )
    },
    operation_label="cmd",
)
_MEMCACHED = StoreReadings(
    up="memcached_up",
    of_process=(
        Reading("memcached_current_connections", "connections", whole=True),
        Reading("memcached_max_connections", "most_connections"),
        Reading("memcached_limit_bytes", "memory_limit", 0.8, whole=True),
    ),
    of_cache=(
        Reading("memcached_commands_total", "kept_hits", whole=True, labels={"command": "get", "status": "hit"}),
        Reading("memcached_commands_total", "kept_misses", whole=True, labels={"command": "get", "status": "miss"}),
        Reading("memcached_current_items", "kept_entries", whole=True),
    ),
    of_operation={
        "set": (
            Reading("memcached_commands_total", "handler_ok", whole=True, labels={"command": "set", "status": "hit"}),
        )
    },
)
_RABBITMQ = StoreReadings(
    of_process=(
        Reading("rabbitmq_connections", "connections", whole=True),
        Reading("rabbitmq_auth_attempts_failed_total", "refused_logins", whole=True, labels={"protocol": "amqp091"}),
        Reading("rabbitmq_process_open_fds", "files", whole=True),
        Reading("rabbitmq_process_resident_memory_bytes", "working_set", whole=True),
    ),
    of_topic=(
        Reading("rabbitmq_queue_messages_ready", "topic_depth", whole=True, labels=_VHOST),
        Reading("rabbitmq_queue_messages", "topic_depth", whole=True, labels=_VHOST),
        Reading("rabbitmq_queue_messages_published_total", "topic_published", whole=True, labels=_VHOST),
        Reading("rabbitmq_queue_messages_acked_total", "topic_consumed", whole=True, labels=_VHOST),
        Reading("rabbitmq_queue_messages_dead_lettered_total", "topic_dead", whole=True, labels=_VHOST),
    ),
    topic_label="queue",
)
_KAFKA = StoreReadings(
    of_process=(Reading("kafka_brokers", "one", single=True),),
    of_topic=(
        Reading("kafka_topic_partition_current_offset", "topic_published", whole=True, labels=_PARTITION),
        Reading("kafka_consumergroup_current_offset", "topic_taken", whole=True, labels=_PARTITION),
        Reading("kafka_consumergroup_lag", "topic_depth", whole=True, labels=_PARTITION),
    ),
    topic_label="topic",
    group_label="consumergroup",
)
_SERVER = {"server": "dns://:53"}
_ZONE = {**_SERVER, "zone": "."}
_ASKED = {**_ZONE, "proto": "udp", "family": "1"}
_CACHED = {**_SERVER, "zones": "."}
_DURATION = "coredns_dns_request_duration_seconds"
_COREDNS = StoreReadings(
    of_process=(
        Reading("process_cpu_seconds_total", "cpu_seconds"),
        Reading("process_resident_memory_bytes", "working_set", whole=True),
        Reading("process_start_time_seconds", "started"),
        Reading("process_open_fds", "files", whole=True),
        Reading("process_max_fds", "most_files"),
        Reading("coredns_panics_total", "one", 0.0, single=True),
    ),
    of_names=(
        Reading("coredns_dns_requests_total", "dns_asked", whole=True, labels={**_ASKED, "type": "A"}),
        Reading("coredns_dns_requests_total", "dns_asked", whole=True, labels={**_ASKED, "type": "AAAA"}),
        Reading("coredns_dns_responses_total", "dns_found", whole=True, labels={**_ZONE, "rcode": "NOERROR"}),
        Reading("coredns_dns_responses_total", "dns_missing", whole=True, labels={**_ZONE, "rcode": "NXDOMAIN"}),
        Reading("coredns_cache_requests_total", "dns_asked", 2.0, whole=True, labels=_CACHED),
        Reading("coredns_cache_hits_total", "dns_hits", whole=True, labels={**_CACHED, "type": "success"}),
        Reading("coredns_cache_hits_total", "dns_denials", whole=True, labels={**_CACHED, "type": "denial"}),
        Reading("coredns_cache_misses_total", "dns_misses", whole=True, labels=_CACHED),
        Reading("coredns_forward_requests_total", "dns_forwarded", whole=True, labels={"to": f"{NODE_SERVER}:53"}),
        Reading(f"{_DURATION}_bucket", "dns_asked", 2.0, whole=True, labels={**_ZONE, "le": "+Inf"}),
        Reading(f"{_DURATION}_count", "dns_asked", 2.0, whole=True, labels=_ZONE),
    ),
    of_durations=(
        *(
            Reading(f"{_DURATION}_bucket", "dns_durations", whole=True, labels={**_ZONE, "le": f"{le:g}"}, offset=place)
            for place, le in enumerate(BOUNDS.tolist())
        ),
        Reading(f"{_DURATION}_sum", "dns_durations", labels=_ZONE, offset=len(BOUNDS)),
    ),
)

STORES = {
    "mongodb": _MONGODB,
    "postgresql": _POSTGRESQL,
    "mysql": _MYSQL,
    "redis": _REDIS,
    "memcached": _MEMCACHED,
    "kafka": _KAFKA,
    "amqp": _RABBITMQ,
    "dns-tcp": _COREDNS,
}
