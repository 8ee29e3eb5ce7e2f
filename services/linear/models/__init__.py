"""Linear's things, one model each: read from the wire, answered by the tools."""
