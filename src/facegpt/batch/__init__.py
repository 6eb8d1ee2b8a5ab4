"""Many photos, or a whole clip, into a folder: what the verbs reconstruct and track do."""
