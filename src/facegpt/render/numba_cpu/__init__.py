"""The renderer for processors: numba kernels around one fused differentiable op."""
