"""Methods that score the samples of one series, (n,) to (n,): the higher, the stranger. One file each.

Each takes the width of its windows in samples, `n` >= `width`; values are finite. A score has no unit of its own.
"""
