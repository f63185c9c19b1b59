"""Recorded cases and public data sets: readers and figures. Never sees lab or faults."""
