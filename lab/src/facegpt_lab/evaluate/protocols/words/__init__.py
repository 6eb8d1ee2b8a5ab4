"""What words make and say, scored on sentences and conversations that nothing learnt from: one file an evaluation."""
