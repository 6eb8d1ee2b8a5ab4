"""How well photos are changed: stills, and photos that are driven."""
