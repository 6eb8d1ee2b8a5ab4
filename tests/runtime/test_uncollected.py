"""A command loads what stays without the search for garbage, and searches what comes after as ever."""

from __future__ import annotations

from new_process import printed_by


def test_a_block_is_loaded_without_collecting_and_garbage_made_later_is_found() -> None:
    program = (
        "import gc, weakref\n"
        "from facegpt.runtime.start.uncollected import uncollected\n"
        "with uncollected():\n    inside = gc.isenabled()\n    kept = [[] for _ in range(1000)]\n"
        "class Node: pass\n"
        "one = Node(); one.self = one; seen = weakref.ref(one); del one; gc.collect()\n"
        "print(inside, gc.isenabled(), gc.get_freeze_count() > 1000, seen() is None)"
    )
    assert printed_by(program) == "False True True True"


def test_who_has_switched_the_search_off_keeps_it_off() -> None:
    program = (
        "import gc\ngc.disable()\nfrom facegpt.runtime.start.uncollected import uncollected\n"
        "with uncollected():\n    pass\n"
        "print(gc.isenabled())"
    )
    assert printed_by(program) == "False"
