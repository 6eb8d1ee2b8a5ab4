"""The default head: MakeHuman's CC0 mesh with a prior learnt on it, its skin and its hair."""
