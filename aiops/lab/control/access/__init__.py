"""Controllers of rights: what aggregating roles gather, which certificates are signed."""
