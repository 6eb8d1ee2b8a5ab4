"""Photos under hard conditions, one at a time, of people that the product did not make."""
