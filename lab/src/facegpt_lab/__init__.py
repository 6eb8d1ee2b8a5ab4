"""How FaceGPT is measured and trained: protocols, made-up data with true labels, training of the networks."""
