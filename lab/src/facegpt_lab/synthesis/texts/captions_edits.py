"""Requests to change a given head: "a bit wider", "pin the ears back", "same but with a beard"."""

from __future__ import annotations

from random import Random

from facegpt_lab.synthesis.texts.captions import item_for
from facegpt_lab.synthesis.texts.english import STEPS, Labels, article, comparative, draw_degree, joined
from facegpt_lab.synthesis.texts.lexicon import Phrase, attribute_labels, looks
from facegpt_lab.synthesis.texts.slips import roughen

_MAKE = (
    *("make the {noun} {step}", "make {their} {noun} {step}", "{noun} {step}", "{noun} {step} please", "{step} {noun}"),
    *(
        "give {them} {aStep} {noun}",
        "I'd like the {noun} {step}",
        "the {noun} should be {step}",
        "could the {noun} be {step}?",
    ),
    *(
        "can you make the {noun} {step}",
        "the {noun} needs to be {step}",
        "turn the {noun} {step}",
        "try {aStep} {noun}",
    ),
    *("with {aStep} {noun}", "what if the {noun} {were} {step}", "now the {noun} {step}", "and {their} {noun}, {step}"),
    *("I want {their} {noun} {step}", "{noun}: {step}", "go {step} on the {noun}", "have the {noun} {step}"),
    *("how would {they} look with {aStep} {noun}?", "let the {noun} be {step}", "the {noun} could be {step}"),
)
_TOO = (
    *("the {noun} {is} too {adj}", "{their} {noun} {is} too {adj}", "{noun} too {adj}", "too {adj}, that {noun}"),
    *(
        "the {noun} {is} a bit too {adj}*",
        "I find the {noun} too {adj}",
        "{noun} looks too {adj} to me",
        "less {adj} in the {noun}",
    ),
    *(
        "make the {noun} less {adj}",
        "the {noun} shouldn't be so {adj}",
        "not so {adj} in the {noun}",
        "tone down the {adj} {noun}",
    ),
)
_KEEP = (
    *(
        "keep everything else",
        "leave the rest",
        "nothing else changes",
        "everything else stays",
        "don't touch anything else",
    ),
    *(
        "same otherwise",
        "otherwise the same",
        "keep the rest as it is",
        "only that",
        "all else unchanged",
        "don't change the rest",
    ),
)
_LEADS = (
    *(
        "same face but ",
        "now ",
        "ok now ",
        "next, ",
        "hmm, ",
        "nice, but ",
        "good. ",
        "great, now ",
        "almost. ",
        "can you ",
        "please ",
    ),
    *(
        "pls ",
        "could you ",
        "also ",
        "then ",
        "i want you to ",
        "let's ",
        "edit: ",
        "one more: ",
        "same person, ",
        "like that but ",
    ),
)
_GIVE = ("give {} ", "add ", "with ", "I want ", "let's have ", "turn that into ")
_WHO = (("his", "him", "he"), ("her", "her", "she"), ("their", "them", "they"), ("the", "it", "it"), ("my", "me", "I"))


#: Changes of the person: words → "F" or "M"; years.
_SEX_FRAMES = (
    *("turn {them} into {a}", "make {them} {a}", "make {them} into {a}", "now as {a}", "as {a}", "same but {a}"),
    *("the same face as {a}", "I want {them} as {a}", "what if {they} {were} {a}", "let {them} be {a}"),
    *("change to {a}", "{a}, please", "not a {other} but {a}", "{a} rather than a {other}"),
    *("{they} should be {a}", "{a} version please", "become {a}", "sex: {bare}", "gender {bare}", "{they}'s {a} now"),
    *("could {they} be {a}?", "swap the sex: {bare}", "make the head {a}", "{a} instead", "show {them} as {a}"),
)
_SEXES = {"F": ("woman", "girl", "female", "lady"), "M": ("man", "boy", "male", "guy")}
_AGE_FRAMES = (
    *("make {them} {n}", "age {them} to {n}", "set {their} age to {n}", "{they} should be {n}", "{n} years old now"),
    *("make {them} look {n}", "turn {them} {n}", "at {n}", "as {aged}", "now {n} years old", "age: {n}"),
    *("show {them} at {n}", "what would {they} look like at {n}?", "at the age of {n}", "make {them} about {n}"),
)


def draw_person_edit(rng: Random) -> tuple[str, Labels]:
    """Draw a request that makes somebody of another sex or of other years, perhaps with a change of looks."""
    their, them, they = rng.choice(_WHO[:3])
    place = {"their": their, "them": them, "they": they, "were": "were" if they == "they" else "was"}
    labels: Labels
    if rng.random() < 0.55:
        sex = rng.choice("FM")
        noun, other = rng.choice(_SEXES[sex]), rng.choice(_SEXES["M" if sex == "F" else "F"])
        a = noun if noun in ("female", "male") and rng.random() < 0.5 else article(noun)
        text, labels = rng.choice(_SEX_FRAMES).format(a=a, bare=noun, other=other, **place), {"sex": sex}
    else:
        years = rng.randint(5, 90)
        text = rng.choice(_AGE_FRAMES).format(n=years, aged=article(f"{years}-year-old"), **place)
        slack = 3 if "about" in text else 0
        labels = {"age_years": [years - slack, years + slack]}
    if rng.random() < 0.3:
        name = rng.choice(list(looks()))
        more, attributes, others = draw_change(rng, name, rng.choice((1, -1)))
        if not others:
            text, labels = f"{text}, {more}", {**labels, "attributes": attributes}
    return roughen(rng, text), labels


def draw_change(rng: Random, name: str, pole: int) -> tuple[str, dict[str, float], Labels]:
    """Put one change into words: (text, attributes, other labels)."""
    entry = looks()[name]
    sign, opposite = ("+", "-") if pole > 0 else ("-", "+")
    adjectives = [p for p in entry.get("A" + sign) if p.degree == 1.0 and not p.more]
    kind = rng.random()
    if entry.get("E" + sign) and (kind < 0.42 or not adjectives):
        return _command(rng, rng.choice(entry.get("E" + sign)), name, pole)
    if kind > 0.88:
        item = item_for(rng, name, pole)
        opening = rng.choice(_GIVE).format(rng.choice(("him", "her", "them", "it")))
        return opening + item.phrase(), item.attributes, item.others
    noun = None if entry.person or not entry.nouns else rng.choice(entry.nouns)
    their, them, they = rng.choice(_WHO)
    plural = bool(noun and noun.plural)
    place = {
        "their": their,
        "them": them,
        "they": they,
        "is": "are" if plural else "is",
        "were": "were" if plural else "was",
    }
    place["noun"] = (
        noun.text if noun else rng.choice(("person", "face", "build") if name == "heaviness" else ("face", "look"))
    )
    if kind > 0.68 and entry.get("A" + opposite):
        adjective = rng.choice(
            [p for p in entry.get("A" + opposite) if p.degree in (1.0, 1.5)] or entry.get("A" + opposite)
        )
        template = rng.choice(_TOO)
        degree = 0.5 if template.endswith("*") else 1.0
        text = template.rstrip("*").format(adj=adjective.text, **place)
        return text, attribute_labels(name, pole * degree, {})[0], {}
    degree = draw_degree(rng)
    step = f"{rng.choice(STEPS[degree])} {comparative(rng.choice(adjectives).text)}".strip()
    a_step = step if plural or place["noun"] in ("hair", "skin") or step.startswith("a ") else f"a {step}"
    text = rng.choice(_MAKE).format(step=step, aStep=a_step, **place)
    return text, attribute_labels(name, pole * degree, {})[0], {}


def _command(rng: Random, phrase: Phrase, name: str, pole: int) -> tuple[str, dict[str, float], Labels]:
    """Grade a command: "widen the nose", "widen the nose a bit"."""
    degree, text = phrase.degree, phrase.text
    if degree == 1.0:
        degree = draw_degree(rng)
        step = rng.choice(STEPS[degree])
        if degree == 2.0 and rng.random() < 0.3:
            step = rng.choice(("drastically", "dramatically", "to the extreme", "as far as it goes", "hugely"))
        text = rng.choice((f"{text} {step}", f"{text}, {step}", f"{step} - {text}") if step else (text,))
    return text.strip(), attribute_labels(name, pole * degree, phrase.more)[0], {}


def draw_edit(rng: Random) -> tuple[str, Labels]:
    """Draw a request with one to four changes, with its labels (degrees are changes)."""
    names = list(looks())
    while True:
        count = rng.choices((1, 2, 3, 4), (0.58, 0.27, 0.1, 0.05))[0]
        changes = [draw_change(rng, rng.choice(names), rng.choice((1, -1))) for _ in range(count)]
        attributes: dict[str, float] = {}
        for _, said, others in changes:
            if others or not attributes.keys().isdisjoint(said):
                attributes = {}
                break
            attributes |= said
        if attributes:
            break
    parts = [text for text, _, _ in changes]
    text = joined(rng, parts) if rng.random() < 0.7 else rng.choice((". ", "; ", " + ", "\n")).join(parts)
    labels: Labels = {"attributes": attributes}
    if rng.random() < 0.12:
        text += rng.choice((", ", "; ", " and ", ". ")) + rng.choice(_KEEP)
        labels["keep"] = True
    if rng.random() < 0.2:
        text = rng.choice(_LEADS) + text
    return roughen(rng, text), labels
