"""Which targets there are, when each is scraped, and whether it answers then."""
