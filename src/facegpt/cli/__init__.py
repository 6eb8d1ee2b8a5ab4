"""The command `facegpt`: one file a verb, and what the verbs share."""
