"""Asana as its clients see it: REST over the company's business work."""
