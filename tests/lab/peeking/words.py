"""Words that would tell how a lab is made or what is done to it, and where they may stand for another reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import get_args

from aiops.core.disturbance.behaviour import Behaviour
from aiops.faults.registry import FAULTS

_TELLING = {
    **dict.fromkeys(("disturb", "misbehav", "chaos", "simulat", "sandbox", "ground truth", "decoy"), ""),
    **dict.fromkeys(("inject", "plight", "afflict", "benchmark", "scenario"), ""),
    **dict.fromkeys(("starlette", "uvicorn", "pydantic", "object at 0x", "<class '"), ""),
    "fault": r"(?<!de)fault",
    "lab": r"(?<![a-z])labs?(?![a-z])",
    "seed": r"(?<![a-z])seed",
    "virtual": r"virtual.?(time|clock)",
    "aiops": r"aiops[./](lab|bench|faults|core|tools|agents|clients|server|supervisor)(?![a-z])",
    ".py": r"\.py(?![a-z])",
    "traceback": "",
}
"""What is looked for in lower case, and what makes it a word of ours; empty: it always is one."""

_ALLOWED = (
    (r"openapi", r"inject-data-application", "the address of a page of Kubernetes' documentation"),
    (r"openapi", r"scenarios|simulat|be injected (as|into)", "an ordinary word in Kubernetes' own descriptions"),
    (r"/disturbances", r"cannot get path .{1,3}/disturbances", "an echo of what was asked"),
    (r"loki|/log", r"/app/|site-packages|traceback", "what the runtime of an application says of a failure"),
)
"""(where, what, why it says nothing)."""

_SURROUNDINGS = 60


def names_of_what_goes_wrong() -> list[str]:
    """Names that only the lab and its benchmark have for what goes wrong: of faults and of behaviours."""
    kinds = [each.model_fields["kind"].default for each in get_args(get_args(Behaviour)[0])]
    return [name for name in (*FAULTS.names(), *kinds) if "_" in name]


def telling(texts: Iterable[tuple[str, str]], secrets: Iterable[str]) -> list[str]:
    """What tells something in (place, text), with its surroundings: once for each word and page."""
    wanted = {**_TELLING, **dict.fromkeys((each.lower() for each in (*names_of_what_goes_wrong(), *secrets)), "")}
    found: dict[tuple[str, str], str] = {}
    for place, text in texts:
        lower = text.lower()
        for word, meant in wanted.items():
            if word not in lower:
                continue
            for match in re.finditer(re.escape(word), lower):
                around = lower[max(match.start() - _SURROUNDINGS, 0) : match.end() + _SURROUNDINGS]
                if re.compile(meant).match(lower, match.start()) and not _is_allowed(place, around):
                    found.setdefault((word, place.partition("?")[0]), f"{place}: ...{around}...")
    return list(found.values())


def _is_allowed(place: str, around: str) -> bool:
    return any(re.search(where, place) and re.search(what, around) for where, what, _ in _ALLOWED)
