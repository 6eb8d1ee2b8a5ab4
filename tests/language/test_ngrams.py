"""The classifier reads wordings: scope, denials, degrees, comparatives, ages, numbers; and it joins the network."""

from __future__ import annotations

import time

import numpy as np
import pytest

from facegpt.language.reading.ngrams.ages import find_age
from facegpt.language.reading.ngrams.classifier import NUMBERS, K, load_ngram_classifier, respelled
from facegpt.language.reading.ngrams.sayings import in_plain_words
from facegpt.language.reading.ngrams.spelling import respell
from facegpt.language.reading.ngrams.text_features import features_of
from facegpt.language.targets import ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN

#: Log odds above those of a text that says nothing.
CLEAR = 1.5


@pytest.fixture(scope="module")
def classifier():
    return load_ngram_classifier()


def gains(evidence, name):
    k = ATTRIBUTES.index(name)
    return evidence.high[k] - evidence.high_start[k], evidence.low[k] - evidence.low_start[k]


def says(classifier, text, name):
    """+1 or -1 for the side that the text names, 0 for neither."""
    high, low = gains(classifier.read(text), name)
    return 0 if max(high, low) < CLEAR else 1 if high > low else -1


@pytest.mark.parametrize(
    ("text", "name", "side"),
    [
        ("a man with a big nose", "nose_size", 1),
        ("her nose is very narrow", "nose_width", -1),
        ("long-nosed", "nose_length", 1),
        ("nose: broad, jaw: square", "jaw_squareness", 1),
        ("make the jaw wider", "jaw_width", 1),
        ("narrow the nose", "nose_width", -1),
        ("a clean-shaven chin and bushy eyebrows", "brow_thickness", 1),
        ("freckled skin", "freckles", 1),
        ("a lantern jaw", "jaw_width", 1),
        ("close-set eyes", "eye_spacing", -1),
    ],
)
def test_plain_wordings_are_read_with_their_side(classifier, text, name, side):
    assert says(classifier, text, name) == side


def test_an_adjective_before_two_parts_belongs_to_both(classifier):
    assert says(classifier, "big nose and ears", "nose_size") == 1
    assert says(classifier, "big nose and ears", "ear_size") == 1


def test_an_adjective_belongs_to_its_own_part_only(classifier):
    assert says(classifier, "a wide nose and thin lips", "nose_width") == 1
    assert says(classifier, "a wide nose and thin lips", "mouth_width") == 0


@pytest.mark.parametrize(
    "text", ["not a big nose", "his nose isn't big", "without a big nose", "anything but a big nose"]
)
def test_a_denial_turns_the_side(classifier, text):
    assert says(classifier, text, "nose_size") != 1


def test_a_denial_ends_with_its_clause():
    turned = {f.name: f.turned for f in features_of("not a big nose, long ears")}
    assert turned["nose|big"] and not turned["ear|long"]


def test_less_turns_a_comparison(classifier):
    assert says(classifier, "make the jaw less wide", "jaw_width") == -1


def test_words_of_degree_order_the_degrees(classifier):
    k = ATTRIBUTES.index("nose_width")
    slight, plain, strong = (
        classifier.read(f"a {word}wide nose").degree[k] for word in ("slightly ", "", "extremely ")
    )
    assert slight < plain < strong
    assert slight <= 0.7 and strong >= 1.7  # SDs


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("a man in his forties", (40, 49)),
        ("late fifties, grey", (57, 59)),
        ("a woman, 52, with a thin nose", (52, 52)),
        ("a sixty-three-year-old", (63, 63)),
        ("an elderly lady", (60, 100)),
        ("a little girl with freckles", (4, 12)),
        ("teenager with a big nose", (13, 19)),
        ("somebody's granny", (55, 100)),
        ("a man pushing seventy, bald", (67, 70)),
        ("a stout matron of five and forty", (45, 45)),
        ("We meet PIP (7): gap-toothed", (7, 7)),
        ("Name: Thistle\nAge: 11\nEyes: huge", (11, 11)),
        ("a boyish fifty", (50, 50)),
        ("baby girl, 18 months", (1, 2)),
        ("woman between thirty and forty", (30, 40)),
        ("fortyish, ruddy", (37, 43)),
        ("seventy-something, sunken eyes", (70, 79)),
        ("a pupil in year 4", (8, 9)),
        ("a nonagenarian", (90, 99)),
        ("skinny 90s brow", None),
        ("five men with big noses", None),
        ("mother of two, long nose", (35, 55)),
        ("make her ten years older", None),
        ("nose 38 mm wide", None),
        ("a man with a big nose", None),
    ],
)
def test_years_are_read_from_words_and_figures(text, years):
    found = find_age(text)
    assert (found[:2] if found else None) == years


def test_sex_is_read_from_nouns_and_pronouns(classifier):
    woman, man = classifier.read("she has a big nose").other[-2:]
    assert woman > man
    woman, man = classifier.read("an old bloke with big ears").other[-2:]
    assert man > woman


@pytest.mark.parametrize(
    ("text", "name"),
    [("a furious man", "anger"), ("she looks terrified", "fear"), ("happily surprised", "happily surprised")],
)
def test_emotions_named_outright_come_first(classifier, text, name):
    evidence = classifier.read(text)
    gain = (evidence.other - evidence.other_start)[: len(EMOTIONS)]
    assert EMOTIONS[int(gain[1:].argmax()) + 1] == name


def test_a_number_gets_the_measure_beside_it(classifier):
    evidence = classifier.read("make the nose 3 mm wider, and the ears 60 mm long")
    assert evidence.numbers.shape == (2, NUMBERS)
    best = [MEASURES_SPOKEN[int(row[: len(MEASURES_SPOKEN)].argmax())] for row in evidence.numbers]
    assert best == ["nose_breadth", "ear_length"]


def test_slips_of_the_finger_are_corrected_and_known_words_left():
    known = frozenset({"narrow", "forehead", "eyebrows"})
    assert respell("narow forhead eyebrwos narrow", known) == "narow forehead eyebrows narrow"
    assert respell("eyebrosw", known) == "eyebrows"
    drawn_out = {"big", "tall", "nose"}
    assert respell("biiig and TALLLL, a nooose III www hmmm", drawn_out) == "big and TALL, a nose III www hmmm"
    assert respell("nekc", {"neck"}) == "neck"


def test_short_slips_and_those_two_letters_off_become_words_of_faces(classifier):
    assert classifier.respelled("hapy faice") == "happy face"
    assert classifier.respelled("a friegtened child") == "a frightened child"
    common = "than this man, then made of poison while drowning; Brenda's accountant might trust a painter"
    assert classifier.respelled(common) == common


def test_only_the_last_turn_of_the_user_is_respelled():
    turns = [{"role": "user", "content": "hapy"}, {"role": "assistant", "content": "hapy"}]
    last = {"role": "user", "content": [{"type": "face"}, {"type": "text", "text": "hapy face"}]}
    right = respelled([*turns, last])
    assert [turn["content"] for turn in right[:2]] == ["hapy", "hapy"]
    assert right[2]["content"] == [{"type": "face"}, {"type": "text", "text": "happy face"}]
    assert last["content"][1]["text"] == "hapy face"


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("nose long, mouth wide and chin big", {"nose|long", "mouth|wide", "chin|big"}),
        ("nose: long, fine, crooked. jaw: slim", {"nose|long", "nose|fine", "nose|crooked", "jaw|slim"}),
        ("his nose is long, thin and hooked, and he smiles", {"nose|long", "nose|thin", "nose|hooked"}),
        ("a big, crooked nose and wide mouth", {"nose|big", "nose|crooked", "mouth|wide"}),
        ("big nose and ears", {"nose|big", "ear|big"}),
    ],
)
def test_each_adjective_goes_with_its_part(text, pairs):
    assert {f.name for f in features_of(text) if "|" in f.name and "=" not in f.name} == pairs


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("a woman with a narrow nose", "person|narrow"),
        ("a woman with a narrow nose", "narrow"),
        ("a wide mouth below a long nose", "nose~wide"),
        ("a man with long ears", "with long"),
    ],
)
def test_an_adjective_of_a_part_says_nothing_of_anything_else(text, other):
    assert other not in {f.name for f in features_of(text) if not f.owned}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a nose that just goes on for miles", "long nose"),
        ("she had hardly any top lip", "thin upper lip"),
        ("next to no chin", "short receding chin"),
        ("his eyebrows: practically nonexistent", "thin eyebrows"),
        ("heaps of forehead", "high forehead"),
        ("a chin you could hang a bucket on", "prominent chin"),
        ("one could rest a pint on either of her cheekbones", "prominent cheekbones"),
        ("there's so little lid on show", "hooded eyelids"),
        ("barely any daylight between the eyebrows and the eyes", "low eyebrows"),
        ("there is a vast gap from one eye to the other", "eyes set wide apart"),
        ("room for a moustache and a half, such a long stretch from nose to lip", "long philtrum"),
        ("the face narrows to almost nothing at the chin", "very narrow chin"),
        ("a mouth you could fit a melon in", "wide mouth"),
    ],
)
def test_sayings_are_put_in_plain_words(text, plain):
    assert plain in in_plain_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "lots of hair and a big nose",
        "make the gap between the eyes a little longer",
        "the space between her eyes is 34 mm",
        "a mouth you couldn't get a spoon in",
        "not an eyebrow out of place",
        "a man with so many freckles",
        "she could not hang on his every word",
    ],
)
def test_words_that_are_no_saying_stay(text):
    assert in_plain_words(text) == text


def test_a_doubtful_trait_shows_faintly_and_a_plain_one_fully():
    from facegpt.language.reading.ngrams.fuse_with_network import _trust

    odds = np.array([[[0.0, -2.4, -9, -9, -9, -9], [0.0, 2.0, -9, -9, -9, -9]]])
    doubtful, plain = _trust(odds)[0]
    assert doubtful < 0.6 and plain == 1.0


def test_special_tokens_are_text_like_any_other(classifier):
    plain, injected = (classifier.read(text) for text in ("a big nose", "<FACE> a big nose <|im_end|>"))
    assert np.isfinite(injected.high).all()
    assert says(classifier, "<FACE> a big nose <|im_end|>", "nose_size") == says(classifier, "a big nose", "nose_size")
    assert plain.high.shape == injected.high.shape == (K,)


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "\x00\n\t", "鼻が大きい", "<FACE>"])
def test_a_text_without_known_words_says_next_to_nothing(classifier, text):
    evidence = classifier.read(text)
    assert np.maximum(evidence.high, evidence.low).max() < 0.0  # log odds: below even
    assert evidence.age_years is None


def test_ten_thousand_words_and_numbers_take_seconds_at_most(classifier):
    start = time.process_time()
    classifier.read("a big crooked nose 12 mm " * 2000)
    assert time.process_time() - start < 20.0  # a guard against quadratic time, not a speed figure


def test_questions_are_told_from_requests(classifier):
    asks = classifier.asks_for_face
    assert asks("give me a man with a huge nose", False) > asks("what is the capital of France?", False)
    assert asks("make her nose wider", True) > asks("how wide is her nose?", True)


def test_the_network_and_the_classifier_join_as_log_odds(classifier):
    torch = pytest.importorskip("torch")
    from facegpt.language.head_request import MILLIMETRE_KINDS
    from facegpt.language.model.face_head import CLASSES, FaceHeadOutput
    from facegpt.language.reading.ngrams.fuse_with_network import FUSED_THRESHOLDS, fuse
    from facegpt.language.reading.text_reading import decode_reading
    from facegpt.language.targets import ASKABLE

    zeros = torch.zeros
    attribute_class = zeros(1, K, len(CLASSES))
    attribute_class[..., 0] = 5.0  # the network finds everything open
    silent = FaceHeadOutput(
        attribute_class=attribute_class,
        attribute_size=zeros(1, K) + 1,
        attribute_spread=zeros(1, K),
        sex=torch.tensor([[0.0, 3.0, 0.0]]),
        age=zeros(1, 4) - 4,
        emotion=torch.cat([zeros(1, 1) + 4, zeros(1, len(EMOTIONS) - 1)], 1),
        intensity=zeros(1),
        gate=zeros(1, 52) - 4,
        weight=zeros(1, 52),
        asks=zeros(1, len(ASKABLE)) - 4,
        decline=zeros(1) - 4,
        number_measure=zeros(0, len(MEASURES_SPOKEN)),
        number_kind=zeros(0, len(MILLIMETRE_KINDS)),
        number_sign=zeros(0),
    )
    thresholds = {"ask": 0.5, "decline": 0.5, **FUSED_THRESHOLDS}
    before = decode_reading(silent, 0, [], thresholds, False, 0.5).request
    joined = fuse(silent, [classifier.read("an elderly woman with a really big nose")])
    after = decode_reading(joined, 0, [], thresholds, False, 0.5).request
    nose = ATTRIBUTES.index("nose_size")
    assert before.attribute_mean[nose] == 0 and before.age_years is None
    assert after.attribute_mean[nose] > 0.5  # SDs
    assert after.age_years == pytest.approx((60, 100))
    assert after.man < 0.2


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("his ears flap right out", "sticking-out ears"),
        ("a forehead that slopes away", "sloping forehead"),
        ("her chin just melts away", "receding chin"),
        ("a nose that juts a long way out", "prominent nose"),
        ("cheeks that sink inwards", "hollow cheeks"),
        ("ears of well over average length", "ears of long"),
        ("a nose far below normal width", "a nose narrow"),
    ],
)
def test_where_a_part_goes_is_put_in_plain_words(text, plain):
    assert plain in in_plain_words(text)


@pytest.mark.parametrize(
    "text", ["make the ears stick out less", "eyes that go back and forth", "eyes sunk in a round face", "turned away"]
)
def test_what_goes_elsewhere_stays(text):
    assert in_plain_words(text) == text


def test_before_a_hyphened_part_only_the_next_word_belongs_to_it(classifier):
    pairs = {f.name for f in features_of("pale, hollow-cheeked, tired") if "|" in f.name and "=" not in f.name}
    assert pairs == {"cheek|hollow"}
    assert says(classifier, "pale, hollow-cheeked, tired", "skin_lightness") == 1


def test_words_of_one_part_are_known_to_the_speller(classifier):
    assert {"arched", "bulbous", "aquiline", "wide"} <= classifier.words
