"""`facegpt bench`: speed, beside others in one run."""
