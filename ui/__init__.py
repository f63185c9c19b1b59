"""The web page: uses the public HTTP API of the server only."""
