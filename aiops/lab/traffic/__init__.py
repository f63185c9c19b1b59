"""The data plane: processes in containers, the network between them, and what each request of a user meets there.

Traffic is a flow, not single requests: in a step each kind of request at each process has a rate, a failure
probability and a latency distribution, computed on arrays over the whole call graph.
"""

from aiops.lab.traffic.traffic import Traffic

__all__ = ["Traffic"]
