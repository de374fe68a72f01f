"""Benchmarks: each prints its figures and keeps them in `bench/results`."""
