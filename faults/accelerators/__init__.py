"""Accelerators, and the pods that ask for them."""
