"""Motion as it happens, sent to other programs."""
