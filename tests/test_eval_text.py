"""The scoring of FaceGPT-Bench: rules of docs/facegpt-bench.md on made-up readings, and rivals on made-up sentences."""

from __future__ import annotations

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.chat import Reply
from facegpt.conventions import ARKIT_NAMES
from facegpt.evaluate import answers, chat, edit, text
from facegpt.evaluate.emotion_prototypes import channels, nearest, prototypes, same_group
from facegpt.evaluate.instructions import INSTRUCTIONS
from facegpt.evaluate.score_labels import Case, Population, Shown, is_headline, score, tied_to, unasked_changes
from facegpt.evaluate.text_baselines import KeywordParser, NearestCaption, reading_of
from facegpt.evaluate.text_system import Heads, Prior, Scored, all_right, interval, share, shares, spearman
from facegpt.language.corpus_reader import Record
from facegpt.language.keywords import find_keywords
from facegpt.language.targets import ATTRIBUTES, target_from_labels
from facegpt.morphable.measure import MEASURES
from facegpt.types import Measure

MM = dict.fromkeys(MEASURES, 30.0)
PEOPLE = Population(np.zeros(62), np.ones(62), np.zeros(62), MM, dict.fromkeys(MEASURES, 2.0))


def shown(z: dict | None = None, expression: dict | None = None, mm: dict | None = None, age: float = 40) -> Shown:
    readings, weights = np.zeros(len(ATTRIBUTES)), np.zeros(len(ARKIT_NAMES))
    for name, value in (z or {}).items():
        readings[ATTRIBUTES.index(name)] = value
    for name, value in (expression or {}).items():
        weights[ARKIT_NAMES.index(name)] = value
    return Shown(readings, weights, MM | (mm or {}), age)


def verdicts(labels: dict, head: Shown, before: Shown | None = None, people=PEOPLE) -> dict[tuple[str, str], bool]:
    return {(p.kind, p.name): p.right for p in score(Case(labels, head, people, before))}


@pytest.mark.parametrize(
    ("degree", "z", "right"),
    [
        *((1, 0.5, True), (1, 0.49, False), (1, 5.0, True), (-1, -0.5, True), (-1, 0.5, False), (2, 0.6, True)),
        *(
            (0.5, 0.25, True),
            (0.5, 0.2, False),
            (0.5, 1.6, False),
            (-0.5, -1.0, True),
            (0, 0.5, True),
            (0, -0.6, False),
        ),
    ],
)
def test_attributes_by_direction_and_size(degree, z, right):
    assert verdicts({"attributes": {"nose_width": degree}}, shown({"nose_width": z})) == {
        ("attribute", "nose_width"): right
    }


def test_a_negative_degree_of_a_floored_attribute_means_at_most_the_median():
    people = Population(np.zeros(62), np.ones(62), np.full(62, 0.3), MM, MM)
    for z, right in ((0.2, True), (0.4, False)):
        got = verdicts({"attributes": {"freckles": -1}}, shown({"freckles": z}), people=people)
        assert got["attribute", "freckles"] is right


def test_z_is_relative_to_the_prior_of_the_sex_named():
    women = Population(np.full(62, -1.0), np.full(62, 0.5), np.zeros(62), MM, MM)
    labels = {"attributes": {"jaw_width": 1}}
    head = shown({"jaw_width": -0.5})
    assert verdicts(labels, head, people=women)["attribute", "jaw_width"]
    assert not verdicts(labels, head)["attribute", "jaw_width"]


def test_exclusions_relations_and_conflicts():
    head = shown({"nose_size": 0.4, "jaw_width": 1.0, "forehead_width": 0.4}, {"mouthSmileLeft": 0.6})
    labels = {
        "not": {"nose_size": 1, "ear_size": -1},
        "relations": [["jaw_width", ">", "forehead_width"], ["mouthSmileLeft", ">", "mouthSmileRight"]],
    }
    assert all(verdicts(labels, head).values())
    assert not verdicts({"not": {"nose_size": 1}}, shown({"nose_size": 0.6}))["not", "nose_size"]
    assert verdicts({"attributes": {"hair_length": -2}, "conflict": ["hair_length"]}, head) == {}


@pytest.mark.parametrize(
    ("asked", "age", "right"),
    [([45, 55], 40, True), ([45, 55], 61, False), ([30, 30], 35, True), ([30, 30], 36, False)],
)
def test_age_has_five_years_of_slack(asked, age, right):
    assert verdicts({"age_years": asked}, shown(age=age))["age", "age_years"] is right


def test_children_are_counted_apart_and_sex_is_the_sign_of_masculinity():
    assert ("child age", "age_years") in verdicts({"age_years": [4, 12]}, shown(age=18))
    assert verdicts({"sex": "M"}, shown({"masculinity": 0.1}))["sex", "sex"]
    assert not verdicts({"sex": "F"}, shown({"masculinity": 0.1}))["sex", "sex"]


@pytest.mark.parametrize(
    ("wish", "mm", "right"),
    [
        *(({"value": 33}, 32.1, True), ({"value": 33}, 31.9, False), ({"change": 3}, 33.9, True)),
        *(({"change": -3}, 30.0, False), ({"percent": 10}, 33.5, True), ({"min": 35}, 34.1, True)),
        *(({"min": 35}, 33.0, False), ({"max": 28}, 20.0, True), ({"max": 28}, 29.5, False)),
    ],
)
def test_millimetres_are_met_within_one(wish, mm, right):
    before = shown()
    labels = {"mm": {"nose_breadth": wish}}
    for case in (None, before):
        assert verdicts(labels, shown(mm={"nose_breadth": mm}), case)["mm", "nose_breadth"] is right


def test_units_need_half_of_the_label_and_a_pair_counts_once():
    labels = {"expression": {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "jawOpen": 0.35}}
    got = verdicts(labels, shown(expression={"mouthSmileLeft": 0.35, "mouthSmileRight": 0.3, "jawOpen": 0.2}))
    assert got == {("expression", "mouthSmile"): False, ("expression", "jawOpen"): True}


def test_a_unit_that_is_worn_moves_at_least_half_way():
    before = shown(expression={"jawOpen": 0.8})
    for seen, right in ((0.55, False), (0.5, True)):
        assert verdicts({"expression": {"jawOpen": 0.2}}, shown(expression={"jawOpen": seen}), before) == {
            ("expression", "jawOpen"): right
        }
    assert verdicts({"expression_off": ["jawOpen"]}, shown(expression={"jawOpen": 0.4}), before) == {
        ("expression_off", "jawOpen"): True
    }
    assert not verdicts({"expression_off": ["jawOpen"]}, shown(expression={"jawOpen": 0.4}))[
        "expression_off", "jawOpen"
    ]


def of_prototype(name: str) -> dict[str, float]:
    """Weights whose channels are the prototype's."""
    from facegpt.evaluate.emotion_prototypes import CHANNELS

    names, rows = prototypes()
    weights = {}
    for value, (_, stem) in zip(rows[names.index(name)], CHANNELS, strict=False):
        sides = (stem,) if stem in ARKIT_NAMES else (f"{stem}Left", f"{stem}Right")
        weights |= dict.fromkeys(sides, float(value))
    if name == "contempt":
        weights |= {"mouthSmileLeft": 1.0, "mouthSmileRight": 0.0, "mouthDimpleLeft": 1.0, "mouthDimpleRight": 0.0}
    return weights


@pytest.mark.parametrize("name", prototypes()[0])
def test_every_prototype_is_nearest_to_itself_at_any_strength(name):
    for strength in (1.0, 0.4):
        weights = {unit: strength * value for unit, value in of_prototype(name).items()}
        assert nearest(shown(expression=weights).expression) == name


def test_emotions_count_exactly_also_and_by_group():
    head = shown(expression=of_prototype("hatred"))
    got = verdicts({"emotion": "appalled", "emotion_also": ["hatred"]}, head)
    assert got == {
        ("emotion", "appalled"): False,
        ("emotion or also", "appalled"): True,
        ("emotion group", "appalled"): True,
    }
    assert verdicts({"emotion": "neutral"}, shown(expression={"jawOpen": 0.15}))["neutral", "neutral"]
    assert not verdicts({"emotion": "neutral"}, shown(expression={"jawOpen": 0.16}))["neutral", "neutral"]
    assert same_group("fear", "awed") and not same_group("fear", "anger")


def test_channels_average_left_and_right_and_know_a_side():
    seen = channels(shown(expression={"mouthSmileLeft": 1.0, "browInnerUp": 0.6}).expression)
    assert seen[0] == 0.6 and seen[8] == 0.5 and seen[-1] == 1.0


def test_an_edit_is_judged_by_the_change():
    before = shown({"nose_width": 2.0})
    labels = {"attributes": {"nose_width": -1}, "keep": True}
    got = verdicts(labels, shown({"nose_width": 1.0}), before)
    assert got == {("attribute", "nose_width"): True, ("keep", "keep"): True}
    moved = verdicts(labels, shown({"nose_width": 1.0, "jaw_width": 0.31}), before)
    assert not moved["keep", "keep"]
    assert not verdicts(labels, shown({"nose_width": 1.0}, mm={"lip_length": 30.7}), before)["keep", "keep"]


def test_tied_attributes_may_move_along():
    case = Case({"attributes": {"nose_size": 1}}, shown({"nose_width": 2.0, "jaw_width": 1.0}), PEOPLE, shown())
    changes = unasked_changes(case)
    assert "nose_width" not in changes and changes["jaw_width"] == 1.0
    assert tied_to({"cheek_fullness"}) >= {"heaviness", "age"}
    assert unasked_changes(Case({"attributes": {"masculinity": 1}}, shown(), PEOPLE, shown())) == {}


def test_the_headline_is_core_shape_and_the_lightness_of_the_skin():
    assert all(is_headline(n) for n in ("nose_width", "skin_lightness", "heaviness", "masculinity"))
    assert not any(is_headline(n) for n in ("beard", "freckles", "chin_cleft", "brow_thickness"))


# Shares and intervals


def record(labels: dict, words: str = "…", task: str = "imagine", category: str = "explicit_attribute") -> Record:
    return Record("x", words, task, category, "plain", labels)


def scored(labels: dict, *heads: Shown) -> Scored:
    return Scored(record(labels), [score(Case(labels, head, PEOPLE)) for head in heads])


def test_a_label_counts_by_its_share_of_seeds_and_a_sentence_by_all_of_them():
    labels = {"attributes": {"nose_width": 1, "jaw_width": 1}}
    one = scored(labels, shown({"nose_width": 1.0, "jaw_width": 1.0}), shown({"nose_width": 1.0}))
    assert share(shares([one], text.headline)) == 0.75
    assert share(all_right([one], text.headline, 2)) == 0.5
    assert np.isnan(share(all_right([one], text.headline, 3)))


def test_the_interval_holds_the_share_and_shrinks_with_more_sentences():
    rng = np.random.default_rng(0)
    for count, widest in ((40, 0.35), (1000, 0.08)):
        table = np.column_stack([rng.random(count) < 0.7, np.ones(count)]).astype(float)
        low, high = interval(table)
        assert low < share(table) < high and high - low < widest
        worse = table * (0.5, 1.0)
        low, high = interval(table, worse)
        assert low <= share(table) - share(worse) <= high and low > 0


def test_rank_correlation_needs_something_to_rank():
    assert spearman([(1, 2), (2, 3), (3, 9)]) == pytest.approx(1.0) and np.isnan(spearman([(1, 2), (1, 3), (1, 4)]))


def test_drift_of_what_is_not_named_is_seen_through_the_noise_of_few_seeds():
    rng = np.random.default_rng(0)

    def drift(bias: float) -> float:
        rows = [
            Scored(record({}), [[]] * 4, {"drift": (rng.standard_normal((4, 62)) + bias).tolist()}) for _ in range(60)
        ]
        return text.unnamed_drift(rows)

    assert drift(0.0) < 0.12 and drift(0.6) == pytest.approx(0.6, abs=0.1)  # SD


# Rivals


@pytest.mark.parametrize(
    ("words", "attributes"),
    [
        ("a man with a big nose and thin lips", {"nose_size": 1, "upper_lip_fullness": -1, "lower_lip_fullness": -1}),
        ("her chin is slightly pointed, her eyes wide-set", {"chin_width": -0.5, "eye_spacing": 1}),
        ("a very square jaw", {"jaw_squareness": 2}),
        ("nose: broad, ears: sticking out", {"nose_width": 1, "ear_protrusion": 1}),
        ("bald, with a moustache", {"hair_length": -2, "moustache": 1}),
        ("make the nose narrower and the eyes bigger", {"nose_width": -1, "eye_size": 1}),
        ("not a big nose", {}),
    ],
)
def test_the_keyword_parser_reads_plain_wording(words, attributes):
    assert find_keywords(words).attributes == attributes


def test_the_keyword_parser_reads_sex_age_emotion_and_millimetres():
    found = find_keywords("a woman in her early forties, furious, nose 34 mm wide")
    assert (found.sex, found.age_years, found.emotion) == ("F", (40, 43), "anger")
    assert found.millimetres == [("nose_breadth", "value", 34.0)]
    assert find_keywords("an old man, 70 years old").age_years == (70, 70)
    assert find_keywords("widen the jaw by 4 mm").millimetres == [("bigonial_breadth", "change", 4.0)]


def test_the_nearest_caption_gives_the_labels_of_the_sentence_that_is_nearest():
    corpus = [
        ("a broad nose", target_from_labels({"attributes": {"nose_width": 1}, "sex": "M"}, "a broad nose"), False),
        ("tiny ears", target_from_labels({"attributes": {"ear_size": -2}}, "tiny ears"), False),
        ("bigger ears", target_from_labels({"attributes": {"ear_size": 1}}, "bigger ears", "edit"), True),
    ]

    def embed(texts):
        vectors = np.array([[t.count("nose") + 0.1, t.count("ears")] for t in texts], float)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    rival = NearestCaption(corpus, embed)
    wishes = rival.read("what ears").wishes
    assert wishes.attribute_mean[ATTRIBUTES.index("ear_size")] == -2 and wishes.man == 0.5
    assert rival.read("a nose").wishes.man == 1.0
    edit_wishes = rival.read("a nose", None, True).wishes
    assert edit_wishes.is_edit and edit_wishes.attribute_mean[ATTRIBUTES.index("ear_size")] == 1


def test_labels_survive_the_way_through_targets():
    labels = {
        "attributes": {"nose_width": 1.5},
        "not": {"ear_size": 1},
        "emotion": "fear",
        "age_years": [60, 70],
        "sex": "F",
    }
    wishes = reading_of(target_from_labels(labels, "x"), False).wishes
    assert wishes.attribute_mean[ATTRIBUTES.index("nose_width")] == 1.5 and wishes.emotion == "fear"
    assert wishes.attribute_mean[ATTRIBUTES.index("ear_size")] < 0 and wishes.age_years == (60, 70) and wishes.man == 0


# The whole way, with a decoder that does what it is told


@pytest.fixture(scope="module")
def obedient(head) -> Heads:
    from stand_in_words import imagine as person

    def imagine(model, wishes, seed):
        params = person(model, wishes, seed)
        noise = np.random.default_rng(seed).standard_normal(len(ATTRIBUTES)) * wishes.attribute_spread
        man = wishes.man if wishes.man in (0.0, 1.0) else seed % 2
        READ[id(params.identity)] = wishes.attribute_mean + noise
        READ[id(params.identity)][ATTRIBUTES.index("masculinity")] = 2 * man - 1
        KEPT.append(params)
        return params

    def change(model, params, wishes, seed):
        weights = np.where(wishes.expression_named, wishes.expression, params.expression)
        changed = params.replace(expression=weights, identity=params.identity.copy())
        READ[id(changed.identity)] = READ[id(params.identity)] + wishes.attribute_mean
        KEPT.append(changed)
        return changed

    return Heads(head, imagine, change, lambda model, params: READ[id(params.identity)], lambda model, params: None)


READ: dict[int, np.ndarray] = {}
KEPT: list = []


def test_a_reader_that_understands_scores_well(obedient):
    prior = Prior.draw(obedient, 60)
    records = [
        record(
            {"sex": "M", "attributes": {"nose_size": 1, "jaw_width": 2}}, "a man with a big nose and a very wide jaw"
        ),
        record({"sex": "F", "attributes": {"chin_width": -1}}, "a woman with a narrow chin"),
        record({"emotion": "happiness"}, "a happy person", category="basic_expression"),
    ]
    ours = text.imagine_all(obedient, prior, KeywordParser(), records, (0, 1), "ours")
    assert share(shares(ours, text.headline)) >= 0.8
    assert share(shares(ours, text.of_kind("sex"))) == 1.0 and share(shares(ours, text.of_kind("emotion"))) == 1.0
    rows = {row.metric: row for row in text.own_rows(ours)}
    assert rows["attributes right"].target == 0.85 and rows["attributes right"].unit == "share"


def test_edits_are_scored_by_change_and_by_what_stays(obedient):
    prior = Prior.draw(obedient, 60)
    records = [
        record({"attributes": {"nose_width": -1}, "keep": True}, "make the nose narrower", "edit", "edit"),
        record({"expression": {"jawOpen": 0.7}}, "open mouth", "edit", "edit_expression"),
    ]
    done = edit.edit_all(obedient, prior, KeywordParser(), records, (0, 1, 2, 3), "ours")
    rows = {row.metric: row.value for row in edit.own_rows(done)}
    assert rows["asked changes of shape and skin made"] == 1.0 and rows["asked changes of expression made"] == 1.0
    assert rows["unasked change, mean over measures and attributes"] == pytest.approx(0.0, abs=1e-6)  # SD


# Conversations


def measured(**values) -> dict[str, Measure]:
    return {name: Measure(30.0, 50.0) for name in MEASURES} | {n: Measure(*v) for n, v in values.items()}


def test_numbers_in_an_answer_must_be_the_measured_ones():
    measures = measured(nose_breadth=(38.24, 97.2), lip_length=(51.0, 40.0))
    for words, true in (
        ("The nose is wide: nose breadth 38.2 mm, the 97th percentile of adults.", True),
        ("The nose is wide: nose breadth 38.3 mm, the 97th percentile of adults.", False),
        ("The nose is wide: nose breadth 38.2 mm, the 96th percentile of adults.", False),
        ("The mouth is about average: lip length 38.2 mm, the 40th percentile of adults.", False),
        ("It smiles.", True),
    ):
        assert answers.numbers_true(words, measures) is true


def test_every_description_of_the_product_passes_the_check_of_its_numbers(head):
    from facegpt.language.describe import Facts, describe

    for z in head.sample(5, seed=1):
        measures = head.measure(z)
        text = describe(Facts(measures, head.attributes(z)))
        assert answers.numbers_true(text, measures) and answers.coverage(text, measures) == 1.0


@pytest.mark.parametrize(
    ("words", "name", "speaks"),
    [
        ("The nose is wide: nose breadth 38.2 mm.", "nose_width", True),
        ("The mouth is wide: lip length 51.0 mm.", "nose_width", False),
        ("The face shows a smile.", "expression", True),
        ("It looks about 40 years old.", "age_years", True),
        ("There are 3 faces.", "count", True),
        ("There is one face.", "count", False),
        ("It has brown hair, bob.", "hair_lightness", True),
    ],
)
def test_an_answer_speaks_of_what_was_asked(words, name, speaks):
    assert answers.speaks_of(words, name, measured(), faces=3) is speaks


def test_declining_is_recognised():
    assert answers.declines("A face does not show who somebody is.") and answers.declines("I can't tell her name.")
    assert not answers.declines("The nose is wide.")


def test_precision_and_recall_of_faces():
    def turn(wanted: bool, got: int, **labels) -> chat.Turn:
        return chat.Turn(record({"face": wanted, **labels}, task="chat"), (), Reply("", [None] * got))

    turns = [
        turn(True, 1),
        turn(True, 0),
        turn(False, 0),
        turn(False, 1),
        turn(True, 3, faces=3),
        turn(True, 1, faces=2),
    ]
    rows = {row.metric: row.value for row in chat.face_rows(turns)}
    assert rows["faces: precision"] == 0.75 and rows["faces: recall"] == 0.75
    assert rows["faces: the right number of them"] == 0.5


def test_a_sentence_becomes_a_conversation_with_its_heads(head):
    model = word_model()
    face = model.mean_face()
    before = Record("x", "make him older", "chat", "chat_face_wanted", "plain", {"face": True}, {"head": True})
    messages = chat.messages_of(before, [face])
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    photo = Record(
        "x", "how wide is the nose?", "describe", "describe", "plain", {"asks": ["nose_width"]}, {"image": True}
    )
    assert chat.messages_of(photo, [face])[0]["content"][0]["face"] is face


def test_questions_about_sampled_heads_are_answered_truly(obedient):
    prior = Prior.draw(obedient, 20)
    questions = [
        Record("a", "how wide is the nose?", "describe", "describe", "plain", {"asks": ["nose_width"]}),
        Record("b", "who is this?", "describe", "describe", "plain", {"asks": [], "decline": True}),
        Record("c", "how many faces?", "describe", "describe", "plain", {"asks": ["count"]}, {"faces": 3}),
    ]
    rows = {row.metric: row for row in chat.answer_rows(chat.ask_all(word_model(), prior, questions, (0, 1)), [])}
    assert rows["answers speak of what was asked"].value == 1.0 and rows["answers with only true numbers"].met
    assert rows["questions beyond a face declined"].value == 1.0 and rows["other questions declined"].value == 0.0


def test_there_are_a_hundred_instructions_and_their_checks_can_fail():
    assert len(INSTRUCTIONS) == 100 and len({i.text for i in INSTRUCTIONS}) == 100
    assert not any(instruction.passes("") for instruction in INSTRUCTIONS)
    assert INSTRUCTIONS[0].passes("It is Paris.") and not INSTRUCTIONS[0].passes("It is Parisian.")
