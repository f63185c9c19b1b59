"""Users: how many come, and what they get. Nothing here knows what answers them."""
