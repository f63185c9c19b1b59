"""Logs, traces and counts of what flowed: only read, so that nothing that happens follows from them."""
