"""The bust that a head ends in: shoulders, and the plain shirt on them."""
