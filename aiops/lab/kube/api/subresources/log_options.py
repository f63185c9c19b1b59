"""PodLogOptions: what of a log is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiops.core.clock import from_rfc3339
from aiops.core.errors import InvalidInputError
from aiops.lab.kube.errors import ApiError, Cause, bad_request
from aiops.lab.kube.kinds.checks.causes import NEGATIVE, forbidden, invalid_value

POSITIVE = "must be greater than 0"
_LONGEST_NUMBER = 2**63
_RFC3339 = "2006-01-02T15:04:05Z07:00"


@dataclass(frozen=True, slots=True)
class LogOptions:
    """`since` in unix seconds; None where there is no such bound."""

    container: str = ""
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    since: float | None = None
    tail: int | None = None
    limit: int | None = None


def log_options(pod: str, query: Mapping[str, str], now: float) -> LogOptions:
    """Read a query. Raises 400 for what is no number or time, 422 for what cannot be."""
    seconds, tail, limit = (_number(query, field) for field in ("sinceSeconds", "tailLines", "limitBytes"))
    moment = _moment(query.get("sinceTime", ""))
    wrong: list[Cause] = []
    if tail is not None and tail < 0:
        wrong.append(invalid_value("tailLines", tail, NEGATIVE))
    if limit is not None and limit < 1:
        wrong.append(invalid_value("limitBytes", limit, POSITIVE))
    if seconds is not None and moment is not None:
        wrong.append(forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    elif seconds is not None and seconds < 1:
        wrong.append(invalid_value("sinceSeconds", seconds, POSITIVE))
    if query.get("stream"):
        wrong.append(forbidden("stream", "may not be specified"))
    if wrong:
        raise _invalid(pod, wrong)
    return LogOptions(
        container=query.get("container", ""),
        follow=flag(query, "follow"),
        previous=flag(query, "previous"),
        timestamps=flag(query, "timestamps"),
        since=moment if seconds is None else now - seconds,
        tail=tail,
        limit=limit,
    )


def flag(query: Mapping[str, str], field: str) -> bool:
    """A boolean of a query: everything but `0` and `false` is true, as Kubernetes' conversion has it."""
    return field in query and query[field].lower() not in ("0", "false")


def _number(query: Mapping[str, str], field: str) -> int | None:
    text = query.get(field)
    if not text:
        return None
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    if len(digits) > 19 or not -_LONGEST_NUMBER <= int(text) < _LONGEST_NUMBER:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": value out of range')
    return int(text)


def _moment(text: str) -> float | None:
    try:
        return from_rfc3339(text) if text else None
    except InvalidInputError as error:
        raise bad_request(f'parsing time "{text}" as "{_RFC3339}": cannot parse "{text}" as "2006"') from error


def _invalid(pod: str, wrong: list[Cause]) -> ApiError:
    texts = [f"{cause.field}: {cause.message}" for cause in wrong]
    text = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    causes = [{"reason": cause.reason, "message": cause.message, "field": cause.field} for cause in wrong]
    details = {"name": pod, "kind": "PodLogOptions", "causes": causes}
    return ApiError(422, "Invalid", f'PodLogOptions "{pod}" is invalid: {text}', details)
