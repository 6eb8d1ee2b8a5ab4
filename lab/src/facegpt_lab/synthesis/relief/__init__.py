"""Skin with known relief: sculpted folds and albedo marks on the default head, and photos of it."""
