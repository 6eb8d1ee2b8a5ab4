"""Who is meant: the words that name people, the choice between them, and what they are called in answers."""
