"""Innocent changes beside a fault, one file each."""
