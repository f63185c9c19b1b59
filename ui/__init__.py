"""The web page: a process of its own that shows what the server's public HTTP API gives.

Text from outside (alerts, logs, models) goes into the page as text nodes only; see `dom`.
"""
