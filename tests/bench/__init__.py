"""Measurements, each beside its baseline in one run: ``make bench``."""
