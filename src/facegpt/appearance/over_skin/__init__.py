"""What lies over the skin of a photo and is no skin: strands of hair."""
