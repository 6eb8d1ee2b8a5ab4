"""Training of the photo tokens: `facegpt train photos` and `facegpt train --photos`."""
