"""The network as a client meets it: names, Services, policies, TLS, disturbed ways. It knows nothing of how many
requests go through it.
"""
