"""Speech to the motion of a face: from sound, from text, live; and voices that speak a text."""
