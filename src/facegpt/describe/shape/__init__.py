"""How the parts of a face are measured on a head, for what words call them."""
