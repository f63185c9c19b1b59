"""What differs between two clusters that behave the same is taken out of answers; nothing else is.

Masked: uids (numbered by first appearance), resource versions (numbered for each object by first appearance), times,
ages and durations in tables, generated suffixes and hashes, addresses of pods and services, node ports, tokens,
certificates, continue tokens, runs of blanks in what kubectl aligns; the scheduler's choice among equal nodes, unless a
script is about it. Put in order: lists of things with generated names, endpoints, managed fields, conflicts of an
apply. Left out: what only a kubelet writes.

    normalise = Normaliser(script.text, nodes_shown=script.nodes_shown)
    [normalise(played.step, played.answer) for played in ...]    # in order: numbers go on from step to step
"""

from tests.conformance.normalise.answers import Normaliser

__all__ = ["Normaliser"]
