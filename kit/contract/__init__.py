"""The operations that can be asked of the fleet: one module a capability."""
