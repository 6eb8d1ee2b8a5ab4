"""From text to a request for a head: what the network reads, and rules beside it."""
