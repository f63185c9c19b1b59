"""The kubelet of every node: makes containers run as their pods say, and reports how they do."""
