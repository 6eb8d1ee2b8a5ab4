"""Training of the network that tells hair, skin, ears, glasses, hats, hands and clothes apart."""
