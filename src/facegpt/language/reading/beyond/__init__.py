"""What lies beyond plain traits in words: what no head shows, what is held back, what is absent."""
