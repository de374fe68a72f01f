"""Real servers on loopback, one file each: for tests, and for `make demo`."""
