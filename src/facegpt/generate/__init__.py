"""From a request to a head: prior, solver, millimetres, hair, expressions."""
