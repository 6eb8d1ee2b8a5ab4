"""What changes of a given head ask beside what new heads do: what goes to rest, how many years more."""
