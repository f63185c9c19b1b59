"""Named sets of scenarios, one file each."""
