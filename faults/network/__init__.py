"""Packets that do not arrive, or arrive late or changed."""
