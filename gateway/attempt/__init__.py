"""Trying: breaker, bulkhead, deadline, failover."""
