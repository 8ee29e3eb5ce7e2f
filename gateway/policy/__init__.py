"""What a request must pass before it is served, one policy a module."""
