"""Talkers: language models that say everything that is not about measured faces. One file a kind, one contract."""
