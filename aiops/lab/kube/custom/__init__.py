"""Kinds that CustomResourceDefinitions add, and their objects."""
