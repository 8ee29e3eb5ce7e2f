"""The vendors' stand-in: their wire formats on one deterministic, seeded company."""
