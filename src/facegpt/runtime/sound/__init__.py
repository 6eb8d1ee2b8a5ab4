"""Sound in and out of this machine."""
