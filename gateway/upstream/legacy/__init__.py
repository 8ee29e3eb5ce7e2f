"""Servers of before 2026-07-28: a handshake, a session, and HTTP in its two older forms."""
