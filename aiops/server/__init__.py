"""The HTTP server: webhooks, incidents, approvals. Everything that the page shows comes from here."""
