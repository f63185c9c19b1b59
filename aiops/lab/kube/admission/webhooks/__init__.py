"""Admission webhooks: AdmissionReview (admission.k8s.io/v1) asked of programs outside the API server.

matching  which webhooks a request concerns
review    what a webhook is asked, and what its answer means
service   which service of the cluster a webhook names, and handlers inside the lab
calling   the call itself, over HTTPS
answers   answers that a request waited for
plugin    the two admission plug-ins

How requests of clients and of controllers wait for an answer: docs/decisions/013-webhooks.md.
"""
