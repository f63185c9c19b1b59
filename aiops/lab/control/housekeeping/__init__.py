"""Controllers that remove what is no longer wanted."""
