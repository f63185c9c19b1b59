"""The lab's time series store: columnar, in memory, one row a scrape."""

from aiops.lab.tsdb.batch import Batch
from aiops.lab.tsdb.label_sets import LabelSets
from aiops.lab.tsdb.labels import NAME, Labels, labels_of
from aiops.lab.tsdb.matcher import Matcher
from aiops.lab.tsdb.store import Frame, TimeSeriesStore

__all__ = ["NAME", "Batch", "Frame", "LabelSets", "Labels", "Matcher", "TimeSeriesStore", "labels_of"]
