"""How far a series departs from its baseline, since when, and whether one sample is worse than another."""
