"""Hair from a photo: what is seen of it, and the groom whose silhouette and flow agree."""
