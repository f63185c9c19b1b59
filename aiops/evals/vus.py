"""The volume under the precision-recall surface (VUS-PR) of Paparrizos et al., "Volume Under the Surface: A New
Accuracy Evaluation Measure for Time-Series Anomaly Detection" (PVLDB 15, 2022).

A detector is not punished for being a little early or late: labels get buffers, in which they fall off, and the area
under the precision-recall curve is averaged over all widths of the buffers. It needs no threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray

Labels = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Scores (n,), the samples from the strangest on, and where in that order each distinct score ends."""

    scores: FloatArray
    order: npt.NDArray[np.intp]
    last: npt.NDArray[np.intp]

    @classmethod
    def of(cls, scores: FloatArray) -> _Ranked:
        order = np.argsort(-scores, kind="stable")
        descending = scores[order]
        return cls(scores, order, np.flatnonzero(np.append(descending[1:] != descending[:-1], True)))


def vus_pr(labels: Labels, scores: FloatArray, buffer: int) -> float:
    """VUS-PR, 0..1, of scores (n,) against labels (n,), of which some are true and some are not, for buffers of 0 to
    `buffer` samples. Every distinct score is a threshold."""
    ranked = _Ranked.of(scores)
    return float(np.mean([_area(labels, ranked, width) for width in range(buffer + 1)]))


def range_auc_pr(labels: Labels, scores: FloatArray, buffer: int) -> float:
    """The area under the precision-recall curve for buffers of one width (section 3.1 of the paper).

    Recall is that of the softened labels, against the mean of the labelled and the softened positives, times the share
    of ranges of which any sample was found.
    """
    return _area(labels, _Ranked.of(scores), buffer)


def _area(labels: Labels, ranked: _Ranked, buffer: int) -> float:
    soft = softened(labels, buffer)
    found = np.cumsum(soft[ranked.order])[ranked.last]
    peaks = np.sort([ranked.scores[first:end].max() for first, end in ranges(soft > 0)])
    thresholds = ranked.scores[ranked.order][ranked.last]
    existence = (len(peaks) - np.searchsorted(peaks, thresholds, side="left")) / len(peaks)
    positives = (labels.sum() + soft.sum()) / 2
    recall = np.concatenate(([0.0], np.minimum(found / positives, 1.0) * existence))
    precision = np.concatenate(([1.0], found / (ranked.last + 1)))
    return float((np.diff(recall) * (precision[1:] + precision[:-1]) / 2).sum())


def softened(labels: Labels, buffer: int) -> FloatArray:
    """Labels (n,) in 0..1 that fall off by the root of the distance within half a buffer on each side of a range."""
    soft = labels.astype(np.float64)
    distance = np.arange(1, buffer // 2 + 1)
    slope = np.sqrt(1 - distance / buffer) if buffer else np.zeros(0)
    for first, end in ranges(labels):
        before, after = first - distance, end - 1 + distance
        soft[before[before >= 0]] += slope[before >= 0]
        soft[after[after < len(soft)]] += slope[after < len(soft)]
    return np.minimum(soft, 1.0)


def ranges(labels: Labels) -> list[tuple[int, int]]:
    """Runs of true labels, as the first sample and the one after the last."""
    edges = np.flatnonzero(np.diff(labels, prepend=False, append=False))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]
