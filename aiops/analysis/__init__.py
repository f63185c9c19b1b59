"""Pure algorithms: arrays and objects in, findings out. No I/O. Imports core only."""
