"""What long work needs of the machine: processes, progress, cache folder, whole files."""
