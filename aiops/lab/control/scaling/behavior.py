"""What stabilisation windows, scaling policies and limits make of a proposed number of replicas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

DOWNSCALE_WINDOW = 300.0
"""Seconds; `--horizontal-pod-autoscaler-downscale-stabilization`."""

SCALE_UP_FACTOR, SCALE_UP_LEAST = 2.0, 4.0

Rules = Mapping[str, Any]
Verdict = tuple[str, str, str]
"""Status, reason and message of a condition."""

READY: Verdict = ("True", "ReadyForNewScale", "recommended size matches current size")
WITHIN = ("DesiredWithinRange", "the desired count is within the acceptable range")
TOO_FEW = ("TooFewReplicas", "the desired replica count is less than the minimum replica count")
TOO_MANY = ("TooManyReplicas", "the desired replica count is more than the maximum replica count")
UP_LIMIT = ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
DOWN_LIMIT = ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate")
_LOWER = "recent recommendations were lower than current one, applying the lowest recent recommendation"
_HIGHER = "recent recommendations were higher than current one, applying the highest recent recommendation"


@dataclass(slots=True)
class Memory:
    """What one autoscaler recommended, and how it scaled: (unix seconds, replicas)."""

    recommendations: list[tuple[float, int]] = field(default_factory=list)
    ups: list[tuple[float, int]] = field(default_factory=list)
    downs: list[tuple[float, int]] = field(default_factory=list)

    def scaled(self, before: int, after: int, behavior: Mapping[str, Any], now: float) -> None:
        """Remember a change for as long as a policy looks back."""
        rules = behavior.get("scaleUp" if after > before else "scaleDown") or {}
        longest = max((policy["periodSeconds"] for policy in rules.get("policies") or ()), default=0)
        kept = self.ups if after > before else self.downs
        kept[:] = [entry for entry in kept if entry[0] >= now - longest]
        kept.append((now, abs(after - before)))


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one decision."""

    least: int
    most: int
    current: int


def normalise(
    memory: Memory, limits: Limits, desired: int, behavior: Rules | None, now: float
) -> tuple[int, Verdict, Verdict]:
    """The number to scale to, and what AbleToScale and ScalingLimited say, as `normalizeDesiredReplicas` and
    `normalizeDesiredReplicasWithBehaviors` work it out."""
    if behavior is None:
        stable = _stable(memory, desired, now)
        able = READY if stable == desired else ("True", "ScaleDownStabilized", _HIGHER)
        count, why = _by_rules(limits, stable)
    else:
        stable, able = _stable_by_behavior(memory, limits, desired, behavior, now)
        count, why = _by_behavior(memory, limits, stable, behavior, now)
    return count, able, ("False" if count == stable else "True", *why)


def _stable(memory: Memory, desired: int, now: float) -> int:
    memory.recommendations = [entry for entry in memory.recommendations if entry[0] >= now - DOWNSCALE_WINDOW]
    highest = max([desired, *(count for _, count in memory.recommendations)])
    memory.recommendations.append((now, desired))
    return highest


def _by_rules(limits: Limits, desired: int) -> tuple[int, tuple[str, str]]:
    fastest = int(max(SCALE_UP_FACTOR * limits.current, SCALE_UP_LEAST))
    most, why = (fastest, UP_LIMIT) if limits.most > fastest else (limits.most, TOO_MANY)
    if desired < limits.least:
        return limits.least, TOO_FEW
    return (most, why) if desired > most else (desired, WITHIN)


def _stable_by_behavior(
    memory: Memory, limits: Limits, desired: int, behavior: Rules, now: float
) -> tuple[int, Verdict]:
    up_window = (behavior.get("scaleUp") or {}).get("stabilizationWindowSeconds") or 0
    down_window = (behavior.get("scaleDown") or {}).get("stabilizationWindowSeconds")
    down_window = DOWNSCALE_WINDOW if down_window is None else down_window
    longest = max(up_window, down_window)
    lowest = min([desired, *(count for at, count in memory.recommendations if at > now - up_window)])
    highest = max([desired, *(count for at, count in memory.recommendations if at > now - down_window)])
    memory.recommendations = [entry for entry in memory.recommendations if entry[0] >= now - longest]
    memory.recommendations.append((now, desired))
    stable = min(max(limits.current, lowest), highest)
    if stable == desired:
        return stable, READY
    if desired >= limits.current:
        return stable, ("True", "ScaleUpStabilized", _LOWER)
    return stable, ("True", "ScaleDownStabilized", _HIGHER)


def _by_behavior(
    memory: Memory, limits: Limits, desired: int, behavior: Rules, now: float
) -> tuple[int, tuple[str, str]]:
    current = limits.current
    if desired > current:
        fastest = max(_rate(memory, current, behavior.get("scaleUp") or {}, now, up=True), current)
        most, why = (fastest, UP_LIMIT) if limits.most > fastest else (limits.most, TOO_MANY)
        return (most, why) if desired > most else (desired, WITHIN)
    if desired < current:
        fastest = min(_rate(memory, current, behavior.get("scaleDown") or {}, now, up=False), current)
        least, why = (fastest, DOWN_LIMIT) if limits.least < fastest else (limits.least, TOO_FEW)
        return (least, why) if desired < least else (desired, WITHIN)
    return desired, WITHIN


def _rate(memory: Memory, current: int, rules: Rules, now: float, *, up: bool) -> int:
    """How far the policies let it go now, counted from where each one's period began."""
    select = rules.get("selectPolicy") or "Max"
    if select == "Disabled":
        return current
    proposed = []
    for policy in rules.get("policies") or ():
        cutoff = now - policy["periodSeconds"]
        added = sum(change for at, change in memory.ups if at > cutoff)
        removed = sum(change for at, change in memory.downs if at > cutoff)
        start = current - added + removed
        step = policy["value"] if policy["type"] == "Pods" else start * policy["value"] / 100
        proposed.append(ceil(start + step - 1e-9) if up else int(start - step + 1e-9))
    if not proposed:
        return current
    farthest = (select == "Max") == up
    return max(proposed) if farthest else min(proposed)
