"""Is what a model names really in what it was shown, and does it only state?"""

from __future__ import annotations

import re

_OBJECT = re.compile(r"(?<![A-Za-z])[A-Za-z]+/([\w.\-]*)/([\w.\-]+)")
_QUOTED = re.compile(r"`([^`]+)`")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_QUOTE = re.compile(r"\"([^\"]+)\"|`([^`]+)`")
_ADDRESS = re.compile(r"[a-z]://|\bwww\.", re.IGNORECASE)
_COMMAND = re.compile(
    r"\b(?:sudo|curl|wget|chmod|chown|eval)\s+\S|\b(?:rm|bash|sh|zsh|nc|python3?|perl|powershell)\s+-|"
    r"\b(?:kubectl|oc|helm|docker|crictl|systemctl|pip|npm)\s+(?:-|(?:apply|create|replace|patch|edit|delete|exec|run|cp|"
    r"scale|set|annotate|label|drain|cordon|taint|rollout|install|upgrade|uninstall|rollback|start|stop|restart)\b)|"
    r"\|\s*(?:ba|z)?sh\b|&&|\$\(|;\s*rm\b",
    re.IGNORECASE,
)
"""What reads like something to be typed, rather than like a word of a sentence ("changed by kubectl")."""


def asks_to_act(text: str, shown: str) -> bool:
    """Does `text` hold an address to open or a command to run, other than in quotes that `shown` holds too?

    A log line that was written for the model to repeat it must not reach a person as the assistant's own advice."""
    own = _QUOTE.sub(lambda found: "" if (found[1] or found[2]) in shown else found[0], text)
    return bool(_ADDRESS.search(own) or _COMMAND.search(own))


def foreign_names(text: str, shown: str) -> list[str]:
    """Objects (`kind/namespace/name`) and quoted names in `text` of which `shown` does not hold the name.

    The kind is not looked at: where a list names pods alone, "Pod" need not stand beside each."""
    parts = [part.rstrip(".") for found in _OBJECT.findall(text) for part in found]
    return [name for name in (*parts, *_QUOTED.findall(text)) if name not in shown]


def foreign_numbers(text: str, shown: str) -> list[str]:
    """Numbers of two digits or more in `text` that `shown` does not hold: small ones may be counted by the reader."""
    known = set(_NUMBER.findall(shown))
    return [number for number in _NUMBER.findall(text) if len(number) > 1 and number not in known]
