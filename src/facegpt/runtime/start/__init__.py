"""What makes programs start soon: fewer modules, arrays kept from before, kernels compiled while other things load."""
