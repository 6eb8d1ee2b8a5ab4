"""The network of eyewear: whether somebody wears glasses, and where their rims and lenses are."""
