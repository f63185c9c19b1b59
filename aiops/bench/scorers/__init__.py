"""What is measured of a played scenario, one file each."""
