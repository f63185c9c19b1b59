"""`kubectl port-forward`: bytes of TCP connections to a pod's ports, over one WebSocket.

Two protocols carry them: SPDY/3.1 inside the WebSocket, as kubectl has done since 1.31, and a channel for each port, as
clients without SPDY do.
"""
