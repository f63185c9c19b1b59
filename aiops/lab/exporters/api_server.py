"""kube-apiserver: the requests of the application's own programs."""

from __future__ import annotations

import numpy as np

from aiops.lab.exporters.samples import Samples
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.api_reads import Request
from aiops.lab.tsdb import TimeSeriesStore


class ApiServer:
    """`apiserver_request_total`."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore) -> None:
        self._traffic = traffic
        self._store = store
        self._ids: dict[Request, int] = {}

    def collect(self) -> Samples:
        requests = self._traffic.api_reads.requests
        for request in requests:
            if request not in self._ids:
                self._ids[request] = self._store.series("apiserver_request_total", _labels(request))
        ids = np.array([self._ids[request] for request in requests], dtype=np.int64)
        return Samples(ids, np.array(list(requests.values()), dtype=np.float64))


def _labels(request: Request) -> dict[str, str]:
    verb, group, resource, code = request
    scope = "resource" if verb == "GET" else "namespace"
    return {
        "job": "apiserver",
        "instance": "10.0.0.10:6443",
        "component": "apiserver",
        "verb": verb,
        "group": group,
        "version": "v1",
        "resource": resource,
        "scope": scope,
        "code": code,
    }
