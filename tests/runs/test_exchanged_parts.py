"""Written comparisons with other parts in place of theirs keep their construction, and the labels follow the nouns."""

from facegpt_lab.synthesis.texts.corpus import Record
from lab.runs.language.readers.exchanged_parts import KINDS, exchanged

WIDTHS = {noun: name for kind in KINDS[:1] for noun, name in kind.items()}


def record(text, labels, name="t-1"):
    return Record(id=name, task="imagine", category="comparison", voice="plain", text=text, labels=labels)


def test_labels_follow_the_nouns():
    labels = {"relations": [["jaw_width", ">", "forehead_width"]], "attributes": {"forehead_width": 1, "eye_size": -1}}
    variants = exchanged([record("Forehead wide, yet it is outdone by the jaw; little eyes", labels)])
    assert len(variants) >= 3
    for variant in variants:
        less, more = (next(n for n in WIDTHS if n in part.lower()) for part in variant.text.split("outdone"))
        assert variant.text == f"{less.capitalize()} wide, yet it is outdone by the {more}; little eyes"
        assert variant.labels["relations"] == [[WIDTHS[more], ">", WIDTHS[less]]]
        assert variant.labels["attributes"] == {WIDTHS[less]: 1, "eye_size": -1}


def test_the_first_has_them_the_other_way_round():
    labels = {"relations": [["upper_lip_fullness", ">", "lower_lip_fullness"]]}
    variants = exchanged([record("the upper lip dwarfs the lower", labels)])
    assert [each.text for each in variants] == ["the lower lip dwarfs the upper"]
    assert variants[0].labels["relations"] == [["lower_lip_fullness", ">", "upper_lip_fullness"]]


def test_what_may_mean_something_else_is_left_alone():
    relation = [["jaw_width", ">", "forehead_width"]]
    twice = record("the jaw is wider than the forehead, a jaw like a box", {"relations": relation})
    square = record(
        "a square jaw, wider than the forehead", {"relations": relation, "attributes": {"jaw_squareness": 1}}
    )
    beside = record("the jaw, wider than the forehead, under a long nose", {"relations": relation})
    lengths = record(
        "jaw wider than the forehead by 3 mm", {"relations": relation, "mm": {"jaw_breadth": {"change": 3}}}
    )
    assert exchanged([twice, square, beside, lengths]) == []


def test_nothing_that_is_held_out_is_drawn():
    labels = {"relations": [["beard", ">", "moustache"]]}
    learnt = record("more beard than moustache on this fellow here", labels)
    assert exchanged([learnt])
    assert exchanged([learnt], [record("more moustache than beard on this fellow here", {}, "h-1")]) == []
