"""What data stores themselves write."""

from __future__ import annotations

import pytest

from aiops.analysis.logs.store_signatures import store_signature_of
from aiops.core.mechanism import Mechanism

LINES = {
    Mechanism.STORAGE_IO_ERROR: (
        'ERROR:  could not read block 12 in file "base/16384/16397": Input/output error',
        'PANIC:  could not fsync file "pg_wal/000000010000000000000003": Input/output error',
        "Write error writing append only file on disk: Input/output error",
        "[ERROR] [MY-012592] [InnoDB] Operating system error number 5 in a file operation.",
        '{"s":"E","c":"WT","msg":"WiredTiger error message","attr":{"error":5,"message":"write: Input/output error"}}',
        "** Reason for termination == ** {error,eio}",
        "API: SYSTEM()  Error: drive is faulty",
        "blk_update_request: I/O error, dev sdb, sector 2048",
    ),
    Mechanism.DATA_CORRUPTION: (
        "WARNING:  page verification failed, calculated checksum 3482 but expected 1920",
        'ERROR:  invalid page in block 7 of relation "base/16384/16402"',
        'ERROR:  index "orders_pkey" contains unexpected zero page at block 3',
        "[ERROR] [InnoDB] Database page corruption on disk or a failed file read of page [page id: space=9].",
        "[ERROR] Table './shop/orders' is marked as crashed and should be repaired",
        '{"s":"E","c":"WT","attr":{"message":"read checksum error for 4096B block at offset 8192: block header "}}',
        "block header checksum of 0x1 doesn't match expected checksum of 0x2",
        "Wrong RDB checksum expected: (1f) but got (2a). Aborting now.",
        "org.apache.kafka.common.errors.CorruptRecordException: Record is corrupt (stored crc = 1, computed crc = 2)",
    ),
    Mechanism.STORAGE_SLOW: (
        "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync",
        '{"level":"warn","msg":"slow fdatasync","took":"2.1s","expected-duration":"1s"}',
        "[Note] InnoDB: page_cleaner: 1000ms intended loop took 8120ms. The settings might not be optimal.",
        "LOG:  checkpoint complete: wrote 93 buffers (0.6%); write=9.1 s, sync=41.420 s, total=50.8 s",
        "[Warning] [MY-011953] [InnoDB] Page cleaner took 8120ms to flush 12 and evict 0 pages",
        '{"c":"COMMAND","id":20499,"msg":"serverStatus was very slow","attr":{"timeStats":{"after basic":0}}}',
        "health check of [/data/nodes/0] took [7204ms] which is above the warn threshold of [5s]",
        "INFO: task jbd2/sdb-8:612 blocked for more than 120 seconds.",
    ),
    Mechanism.AUTH_USER_MISSING: (
        'FATAL:  role "shop" does not exist',
        '{"msg":"Authentication failed","attr":{"error":"UserNotFound: Could not find user shop@admin"}}',
    ),
    Mechanism.AUTH_ROLE_REVOKED: (
        "ERROR:  permission denied for table orders",
        "SELECT command denied to user 'shop'@'10.1.2.3' for table 'orders'",
        '{"attr":{"error":"not authorized on shop to execute command { find: \\"orders\\" }"}}',
    ),
    Mechanism.TLS_REQUIRED: (
        'FATAL:  no pg_hba.conf entry for host "10.1.2.3", user "shop", database "shop", no encryption',
        "Connections using insecure transport are prohibited while --require_secure_transport=ON.",
    ),
}


@pytest.mark.parametrize(("mechanism", "line"), [(m, line) for m, lines in LINES.items() for line in lines])
def test_stores_say_what_is_wrong(mechanism: Mechanism, line: str) -> None:
    found = store_signature_of(line)
    assert found is not None
    assert found.mechanism == mechanism


@pytest.mark.parametrize(
    "line",
    [
        "LOG:  checkpoint complete: wrote 93 buffers (0.6%); write=9.1 s, sync=0.420 s, total=9.6 s",
        "LOG:  database system is ready to accept connections",
        "LOG:  data checksums are enabled",
        "[Note] InnoDB: page_cleaner: 1000ms intended loop took 12ms",
        "Background saving terminated with success",
        'I/O error on GET request for "http://cart:8080/items": Connection refused',
        "could not write block 4: No space left on device",
        '{"msg":"Connection accepted","attr":{"connectionCount":12}}',
        'FATAL:  password authentication failed for user "shop"',
    ],
)
def test_other_lines_say_nothing_of_it(line: str) -> None:
    assert store_signature_of(line) is None
