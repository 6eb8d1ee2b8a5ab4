"""Words and faces in one token space: `<FACE>` tokens, the causal model, the face head and its labels."""
