"""Detail: wrinkles and folds as a displacement of the skin, in texture space."""
