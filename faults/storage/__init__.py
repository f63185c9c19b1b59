"""Claims, volumes and disks."""
