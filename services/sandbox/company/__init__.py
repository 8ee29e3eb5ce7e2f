"""The one company that every vendor of the sandbox shows its own view of."""
