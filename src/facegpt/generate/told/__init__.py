"""What was understood of a request, in words that people use."""
