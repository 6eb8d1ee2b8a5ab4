"""Rules for looks: hair, build, sex."""
