"""Where Services send to.

pods, trigger       which pods are endpoints, on which ports, and when that last changed
slices, reconcile   EndpointSlices
endpoints           Endpoints, as old clients read them
mirroring           EndpointSlices of Endpoints that people write
"""
