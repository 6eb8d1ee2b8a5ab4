"""From files to upright sRGB pictures: containers, display matrices, HDR."""
