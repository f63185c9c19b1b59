"""The short way to write an application down, written out for the model (`aiops.lab.apps.model`).

    services:
      cart:
        language: go                          # a runtime of runtimes.yaml: what every such program has
        versions: [1.4.0, 1.4.1]              # the last one runs
        size: medium                          # requests and limits, by a name of runtimes.yaml
        routes:
          GET /cart: 1.5                      # milliseconds of CPU, and nothing else
          POST /cart:
            cpu_ms: 2
            calls:                            # one after the other; a list inside is parallel
              - cart-redis hset               # a target and its route
              - [{call: stock GET /stock, retries: 1}, prices GET /prices]
    stores:
      cart-redis: {kind: redis, storage: 8Gi}
    machines:
      general: {count: 3, cpu: 8, memory: 32Gi}

A service has the fields of a program and of a workload together; the addresses of what it calls, its connection pools,
the passwords of its stores and their Secrets follow from its calls. One file a part: `context` knows the names,
`stores`, `routes`, `services` and `machines` write them out.
"""

from aiops.lab.apps.shorthand.expansion import expand

__all__ = ["expand"]
