"""Everything that is seen on a face in one call, and whether two photos show one person."""
