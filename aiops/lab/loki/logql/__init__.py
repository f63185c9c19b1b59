"""LogQL: the language of Loki, as far as its documentation describes queries of logs and metrics."""
