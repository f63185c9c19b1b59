"""What the server says of itself: its kinds, and tables of their objects."""
