"""Rules for expressions: action units, feelings by plain words, sides, strength."""
