"""The network of the skin's relief (`facegpt.detail`): examples with known relief, and training on them."""
