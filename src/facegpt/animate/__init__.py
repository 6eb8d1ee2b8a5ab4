"""Motion for heads: from curves, a driver's clip, words or speech to a take that is drawn and written."""
