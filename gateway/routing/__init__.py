"""Which servers take a call: pure functions on a snapshot."""
