"""Turns of a conversation, what they are about, and replies."""
