"""What every process of the fleet shares."""
