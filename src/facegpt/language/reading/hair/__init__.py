"""What words ask of hair and beard: a small classifier, and exact code for lengths in numbers."""
