"""The n-gram classifier: what the wordings of a text say of a head, by logistic regression."""
