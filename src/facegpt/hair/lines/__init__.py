"""The middle lines of locks: what they set out with, how they run, and what is done to them once they are traced."""
