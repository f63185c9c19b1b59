"""Checks of raw Kubernetes objects, one file each: what is wrong, in which field, and what the cluster implies."""
