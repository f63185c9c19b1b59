"""The scheduler: a node for each pod, or the reasons why there is none.

amounts -> nodeinfo -> cache        what each node has and what its pods take, kept up with every write
profile -> evaluation -> topology   what one pod asks, how one node answers, what several nodes answer together
cycle -> scoring, preemption        which nodes fit, which is best, whose place may be taken
queue -> scheduler                  who is next, and what is written of it
"""
