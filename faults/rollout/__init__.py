"""Versions on their way: half there, stuck, or not fitting what is around them."""
