"""The dashboard's HTTP face."""
