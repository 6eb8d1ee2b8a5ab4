"""What the coarse head cannot hold: texture, light and detail in UV space."""
