"""Lines of clients that cannot make sense of an answer, in the words of many languages."""

from __future__ import annotations

import pytest

from aiops.analysis.logs.unreadable import is_unreadable, named_in


@pytest.mark.parametrize(
    "line",
    [
        '{"level":"warn","msg":"record skipped","target":"cart","error":"decode record: field \\"at\\": cannot parse"}',
        "WARN RecordMapper : skipped a record of cart (GET /items): java.time.format.DateTimeParseException: Text 'x'",
        '{"level":40,"msg":"record skipped","source":"cart","err":"RangeError: Invalid time value"}',
        "[WARNING] dropping the malformed response of cart: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff",
        "failed to deserialize the response body of cart: com.fasterxml.jackson.core.JsonParseException",
        "WARN api::client: record of cart skipped err=invalid utf-8 sequence of 1 bytes from index 3",
        "E0105 block.cc:12] checksum mismatch in what cart sent",
    ],
)
def test_what_cannot_be_read_is_told(line: str) -> None:
    assert is_unreadable(line)
    assert named_in(line, ["car", "art", "cart", "web"]) == "cart"


@pytest.mark.parametrize(
    "line",
    [
        "GET /items to cart failed: HttpServerErrorException: 500",
        "request aborted by the client",
        "flag --metrics-addr is deprecated, use --telemetry.addr",
        "JSON parse error at POST /items: Missing required creator property 'id'; schema version 1, expected 2",
        "could not decode the record: schema version 1, expected 2",
        "refreshed 5378 entries in 68 ms",
    ],
)
def test_failed_calls_and_other_versions_are_something_else(line: str) -> None:
    assert not is_unreadable(line)


def test_the_longest_name_is_meant_and_none_within_another() -> None:
    assert named_in("find to cart-db.shop failed", ["cart", "cart-db"]) == "cart-db"
    assert named_in("find to cart-db.shop failed", ["cart", "db", "shop"]) is None
