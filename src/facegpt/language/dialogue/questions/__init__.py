"""Questions of a conversation: what they are about, what they take from before, and their answers from measures."""
