"""Training of the dense landmark network: `facegpt train landmarks`."""
