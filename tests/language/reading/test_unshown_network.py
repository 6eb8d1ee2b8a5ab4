"""Words for what a head cannot show are found by the language model's states, and kept from the reading."""

import pytest

from facegpt.language.reading.beyond.shown_part import shown_part, without_stretches
from facegpt.language.reading.beyond.unread_words import carries
from facegpt.language.reading.beyond.unshown_network import Unshown


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("an old woman with a feathered bonnet and a long nose", "bonnet"),
        ("a sad man, tattooed knuckles", "tattooed"),
        ("a tired optician with freckles", "optician"),
        ("tired nurse", "nurse"),
        ("a boy with a lunch box in his hand", "lunch"),
        ("a man with chapped lips and green eyes", "chapped"),
    ],
)
def test_things_and_callings_that_no_list_names_are_told(shipped_words, text, word):
    assert word in " ".join(shown_part(shipped_words, text, carries).told)


@pytest.mark.parametrize(
    "text",
    [
        "a fat man with a double chin and small eyes",
        "a girl of seven, freckles, big smile",
        "he has just won the lottery",
        "make the nose 3 mm narrower and close the mouth",
        "bald, bushy eyebrows, angry",
    ],
)
def test_what_a_head_shows_is_not_told_as_missing(shipped_words, text):
    part = shown_part(shipped_words, text, carries)
    assert not part.told
    assert part.text == text


def test_small_words_that_lead_to_a_thing_go_with_it():
    text = "a tired man with a scarf and a big nose"
    start = text.index("scarf")
    assert without_stretches(text, [Unshown(start, start + 5, "worn")]) == "a tired man and a big nose"


def test_a_language_without_the_network_shows_all():
    assert shown_part(object(), "a man with a scarf", carries).text == "a man with a scarf"


def test_glasses_are_shown_and_a_people_is_no_calling(shipped_words):
    assert not shown_part(shipped_words, "woman of 75, stern, thin lips, glasses", carries).told
    assert "peruvian" not in " ".join(shown_part(shipped_words, "a Peruvian farmer with deep wrinkles", carries).told)


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("an old man with a tiara and glasses", ["tiara"]),
        ("a pirate with an eyepatch, a gold earring and a scar on the cheek", ["eyepatch", "earring", "scar"]),
        ("a tall thin man in a red hat and a leather jacket", ["tall", "jacket"]),
        ("wearing a pirate costume", ["pirate costume"]),
        ("a nurse with a scarf, holding a cup", ["nurse", "scarf", "holding a cup"]),
        (
            "photorealistic, 4k, studio lighting, in front of a wall",
            ["photorealistic", "studio lighting", "wall"],
        ),
        ("her head tilted, hands on her cheeks", ["head tilted", "hands"]),
        ("TIARA, tiara and Tiara", ["tiara"]),
    ],
)
def test_things_that_a_head_cannot_show_are_told_with_a_reason(shipped_words, text, things):
    told = shown_part(shipped_words, text, carries).told
    assert all(thing in " ".join(told) for thing in things)
    assert all(len(line.rpartition(": ")[2]) > 5 for line in told)


@pytest.mark.parametrize(
    "text",
    [
        "an elderly woman with a narrow nose, happily surprised",
        "no hat or glasses",
        "she doesn't wear any earrings",
        "a bald man without a scar",
        "wearing a big smile",
        "wears his hair long and his beard full",
        "a mask of rage, close to tears",
        "crow's feet around the eyes, hooded lids, a hooked nose",
        "hair down to her shoulders, cropped at the back",
        "short haired, with long ears and a capable jaw",
        "bald at the crown of the head",
        "a tall forehead and a short chin",
        "make the nose 3 mm narrower and close the mouth",
        "",
    ],
)
def test_what_a_head_shows_or_the_words_deny_is_not_told(shipped_words, text):
    assert not shown_part(shipped_words, text, carries).told


@pytest.mark.parametrize(
    "text",
    [
        "take off the hat",
        "no hood",
        "give him a hat",
        "a man wearing round glasses",
        "bright red lipstick and black hair",
        "two friends: a plump girl with brown eyes and a skinny old man with blue eyes",
        "a barista with a man bun",
        "shave him",
        "a grandmother from Kenya",
        "a mother with pointed ears",
        "an old woman from Nigeria",
    ],
)
def test_what_has_a_reader_of_its_own_is_not_told(shipped_words, text):
    assert not [told for told in shown_part(shipped_words, text, carries).told if not told.startswith("barista")]


@pytest.mark.parametrize(
    ("text", "thing"),
    [("give him a tiara", "tiara"), ("black lipstick", "lipstick"), ("a man wearing glasses and a tiara", "tiara")],
)
def test_what_is_put_on_beside_it_is_told(shipped_words, text, thing):
    assert thing in " ".join(shown_part(shipped_words, text, carries).told)
