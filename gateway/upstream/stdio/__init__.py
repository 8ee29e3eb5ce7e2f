"""Servers that are processes of the gateway: started, watched and ended by it."""
