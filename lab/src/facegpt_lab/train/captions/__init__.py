"""Words learn from photos without labels: captions of photos, and a map from their states that the renderer teaches."""
