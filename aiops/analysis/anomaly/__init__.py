"""How far a series departs from its baseline, and since when."""
