"""The fleet as processes: which there are, how they are supervised, whether they are ready."""
