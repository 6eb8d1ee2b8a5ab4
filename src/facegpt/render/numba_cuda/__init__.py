"""The renderer for NVIDIA GPUs: numba kernels."""
