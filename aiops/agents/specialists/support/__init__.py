"""What specialists share: rules, comparisons and follow-up reads. No specialist lives here."""
