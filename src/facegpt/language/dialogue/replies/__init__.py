"""Learnt replies: what may be told, how a reply is written about it, and what is checked before it is said."""
