"""Formats of names and other short texts. Each function gives what is wrong with a value; nothing where it is right.

The words are those of apimachinery's `validation` and `content` packages, which say `characters` and `bytes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Format = Callable[[str], list[str]]

_LABEL_FMT = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN_FMT = rf"{_LABEL_FMT}(\.{_LABEL_FMT})*"
_1035_FMT = "[a-z]([-a-z0-9]*[a-z0-9])?"
_WILDCARD_FMT = rf"\*\.{_SUBDOMAIN_FMT}"
_KEY_FMT = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE_FMT = f"({_KEY_FMT})?"
_CONFIG_KEY_FMT = "[-._a-zA-Z0-9]+"
_HEADER_FMT = "[-A-Za-z0-9]+"
_PERCENT_FMT = "[0-9]+%"

_LABEL = re.compile(_LABEL_FMT)
_SUBDOMAIN = re.compile(_SUBDOMAIN_FMT)
_1035 = re.compile(_1035_FMT)
_WILDCARD = re.compile(_WILDCARD_FMT)
_KEY = re.compile(_KEY_FMT)
_VALUE = re.compile(_VALUE_FMT)
_CONFIG_KEY = re.compile(_CONFIG_KEY_FMT)
_HEADER = re.compile(_HEADER_FMT)
_PERCENT = re.compile(_PERCENT_FMT)
_PORT_NAME = re.compile("[-a-z0-9]+")
_RELAXED_ENV = re.compile("[ -<>-~]+")

LONGEST_LABEL = 63
LONGEST_SUBDOMAIN = 253


def regex_error(message: str, regex: str, *examples: str) -> str:
    if not examples:
        return f"{message} (regex used for validation is '{regex}')"
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{message} (e.g. {shown}regex used for validation is '{regex}')"


def _longest(most: int, unit: str = "characters") -> str:
    return f"must be no more than {most} {unit}"


def in_range(low: int, high: int) -> str:
    return f"must be between {low} and {high}, inclusive"


_SUBDOMAIN_WRONG = regex_error(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character", _SUBDOMAIN_FMT, "example.com",
)  # fmt: skip
_LABEL_WRONG = regex_error(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character", _LABEL_FMT, "my-name", "123-abc",
)  # fmt: skip
_1035_WRONG = regex_error(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character", _1035_FMT, "my-name", "abc-123",
)  # fmt: skip
_WILDCARD_WRONG = regex_error(
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    _WILDCARD_FMT, "*.example.com",
)  # fmt: skip
_KEY_WRONG = regex_error(
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    _KEY_FMT, "MyName", "my.name", "123-abc",
)  # fmt: skip
_VALUE_WRONG = regex_error(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an alphanumeric character", _VALUE_FMT, "MyValue", "my_value", "12345",
)  # fmt: skip


def dns_label(value: str) -> list[str]:
    wrong = [] if len(value) <= LONGEST_LABEL else [_longest(LONGEST_LABEL)]
    if not _LABEL.fullmatch(value):
        wrong.append("must not contain dots" if _SUBDOMAIN.fullmatch(value) else _LABEL_WRONG)
    return wrong


def dns_subdomain(value: str, unit: str = "characters") -> list[str]:
    wrong = [] if len(value) <= LONGEST_SUBDOMAIN else [_longest(LONGEST_SUBDOMAIN, unit)]
    return wrong if _SUBDOMAIN.fullmatch(value) else [*wrong, _SUBDOMAIN_WRONG]


def dns_1035(value: str) -> list[str]:
    wrong = [] if len(value) <= LONGEST_LABEL else [_longest(LONGEST_LABEL)]
    return wrong if _1035.fullmatch(value) else [*wrong, _1035_WRONG]


def wildcard_subdomain(value: str) -> list[str]:
    wrong = [] if len(value) <= LONGEST_SUBDOMAIN else [_longest(LONGEST_SUBDOMAIN)]
    return wrong if _WILDCARD.fullmatch(value) else [*wrong, _WILDCARD_WRONG]


def path_segment(value: str) -> list[str]:
    """For names that are only part of a path, as those of RBAC's kinds."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return [f"may not contain '{char}'" for char in "/%" if char in value]


def generated(check: Format) -> Format:
    """The check of a prefix that a suffix will follow: its last dash is no end of a name."""
    return lambda value: check(f"{value[:-2]}a" if len(value) > 1 and value.endswith("-") else value)


def label_key(value: str) -> list[str]:
    """A qualified name: an optional DNS subdomain, a slash and a name."""
    parts = value.split("/")
    wrong: list[str] = []
    if len(parts) > 2:
        return [f"a valid label key {_KEY_WRONG} with an optional DNS subdomain prefix and '/' "
                "(e.g. 'example.com/MyName')"]  # fmt: skip
    if len(parts) == 2:
        prefix = parts[0]
        found = dns_subdomain(prefix, "bytes") if prefix else ["must be non-empty"]
        wrong = [f"prefix part {why}" for why in found]
    name = parts[-1]
    if not name:
        wrong.append("name part must be non-empty")
    elif len(name) > LONGEST_LABEL:
        wrong.append(f"name part {_longest(LONGEST_LABEL, 'bytes')}")
    return wrong if _KEY.fullmatch(name) else [*wrong, f"name part {_KEY_WRONG}"]


def label_value(value: str) -> list[str]:
    wrong = [] if len(value) <= LONGEST_LABEL else [_longest(LONGEST_LABEL, "bytes")]
    return wrong if _VALUE.fullmatch(value) else [*wrong, _VALUE_WRONG]


def config_key(value: str) -> list[str]:
    """A key of a ConfigMap or a Secret."""
    wrong = [] if len(value) <= LONGEST_SUBDOMAIN else [_longest(LONGEST_SUBDOMAIN)]
    if not _CONFIG_KEY.fullmatch(value):
        text = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        wrong.append(regex_error(text, _CONFIG_KEY_FMT, "key.name", "KEY_NAME", "key-name"))
    return [*wrong, *_parent(value)]


def _parent(value: str) -> list[str]:
    if value in (".", ".."):
        return [f"must not be '{value}'"]
    return ["must not start with '..'"] if value.startswith("..") else []


def env_name(value: str) -> list[str]:
    """A name of an environment variable, by the relaxed rule that holds since 1.34."""
    wrong = [] if value else ["environment variable name must be non-empty"]
    if value and not _RELAXED_ENV.fullmatch(value):
        wrong.append("a valid environment variable name must consist only of printable ASCII characters other than '='")
    return wrong


def http_header(value: str) -> list[str]:
    if _HEADER.fullmatch(value):
        return []
    text = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return [regex_error(text, _HEADER_FMT, "X-Header-Name")]


def percent(value: str) -> list[str]:
    if _PERCENT.fullmatch(value):
        return []
    text = "a valid percent string must be a numeric string followed by an ending '%'"
    return [regex_error(text, _PERCENT_FMT, "1%", "93%")]


def port_number(value: int) -> list[str]:
    return [] if 1 <= value <= 65535 else [in_range(1, 65535)]


def port_name(value: str) -> list[str]:
    """An IANA service name."""
    wrong = [] if len(value) <= 15 else [_longest(15)]
    if not _PORT_NAME.fullmatch(value):
        wrong.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not any("a" <= char <= "z" for char in value):
        wrong.append("must contain at least one letter (a-z)")
    if "--" in value:
        wrong.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        wrong.append("must not begin or end with a hyphen")
    return wrong
