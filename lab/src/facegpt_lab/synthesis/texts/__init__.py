"""Training texts with exact labels, generated and from the folder corpus/."""
