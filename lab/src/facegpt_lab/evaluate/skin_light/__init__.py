"""The skin of a photo beside the truth: another light, the border to the model, colours."""
