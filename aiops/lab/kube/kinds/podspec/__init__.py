"""The spec of a pod, in a Pod and in every template: defaults, checks, and what of it may change."""
