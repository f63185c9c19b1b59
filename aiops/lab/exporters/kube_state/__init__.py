"""kube-state-metrics: the cluster's objects as metrics, a function for each kind and one exporter over them."""
