"""Training of the language part: `facegpt train words`."""
