"""From images to vectors: the face-recognition descriptor (and, later, image and geometry tokens)."""
