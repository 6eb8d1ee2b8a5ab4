"""What the default head lends to head models that lack it: places, colours, units, joints, texture coordinates."""
