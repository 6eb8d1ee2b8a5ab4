"""Head models and model files: which there are, how a `facegpt.FaceGPT` is put together, heads in another model."""
