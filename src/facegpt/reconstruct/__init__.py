"""From a photo, several photos or one pass of the network to finished faces."""
