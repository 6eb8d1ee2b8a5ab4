"""Rules for the grammar of a sentence: denials, comparisons, complaints, measures."""
