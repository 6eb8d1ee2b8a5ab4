"""From moving pictures to motion: reading clips, following faces, smoothing what was found."""
