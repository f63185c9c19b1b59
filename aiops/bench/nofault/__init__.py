"""Cases in which nothing is wrong, one file each."""
