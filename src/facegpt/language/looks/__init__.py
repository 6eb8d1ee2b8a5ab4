"""Looks that words name by one word: colours that no skin has by nature, and characters."""
