"""What lies over the skin of a photo and is no skin, as strands of hair; and grain on skin that no photo shows."""
