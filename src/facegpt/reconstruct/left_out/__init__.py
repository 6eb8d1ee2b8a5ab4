"""What a photo shows and its head does not: found when the head is made, said in `Face.ignored`, a sentence each.

A wrong name is worse than a vague one: what is not sure to be an earring or a scarf is something at the ear or neck.
"""

from facegpt.reconstruct.left_out.sentences import with_left_out

__all__ = ["with_left_out"]
