"""The command line: sophia."""
