"""The embedded cluster: control plane, workloads, traffic, telemetry behind the real HTTP APIs. Imports core only.

Begin with `ports` (one tick, and what the parts ask of each other) and `world` (which joins them, without a network).
`kube` is the API server and its store, `control` the control plane, `traffic` the processes and the requests between
them, `disturbances` what faults change beneath the API; `exporters`, `tsdb`, `promql`, `prometheus`, `loki`, `logs` and
`jaeger` are what can be observed; `apps` the applications, which are data. `process` serves a world by HTTP, `keeper`
moves its time, and `lab_api` is how tests and faults command the lab itself.
"""
