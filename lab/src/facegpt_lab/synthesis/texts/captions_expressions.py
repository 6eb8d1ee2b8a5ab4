"""Captions with emotions and movements of the face, alone or with looks."""

from __future__ import annotations

from random import Random

from facegpt.conventions import mirror_arkit_name
from facegpt_lab.synthesis.texts.captions import draw_items, merge
from facegpt_lab.synthesis.texts.english import Labels, article, joined
from facegpt_lab.synthesis.texts.lexicon import Entry, Phrase, emotions, movements
from facegpt_lab.synthesis.texts.people_nouns import Person, draw_person
from facegpt_lab.synthesis.texts.slips import OPENINGS, roughen

#: Degree of a phrase → intensity 0..1 (LABELS.md).
INTENSITY = {0.5: 0.35, 1.0: 0.7, 1.5: 0.85, 2.0: 1.0}
#: Compound emotions by the two emotions that people name.
COMPOUNDS: dict[str, tuple[str, str]] = {
    "happily surprised": ("happiness", "surprise"),
    "happily disgusted": ("happiness", "disgust"),
    "sadly fearful": ("sadness", "fear"),
    "sadly angry": ("sadness", "anger"),
    "sadly surprised": ("sadness", "surprise"),
    "sadly disgusted": ("sadness", "disgust"),
    "fearfully angry": ("fear", "anger"),
    "fearfully surprised": ("fear", "surprise"),
    "fearfully disgusted": ("fear", "disgust"),
    "angrily surprised": ("anger", "surprise"),
    "angrily disgusted": ("anger", "disgust"),
    "disgustedly surprised": ("disgust", "surprise"),
}
_GRADES = {
    "slightly": 0.5,
    "a bit": 0.5,
    "a little": 0.5,
    "mildly": 0.5,
    "somewhat": 0.5,
    "rather": 1.5,
    "really": 1.5,
    "properly": 1.5,
    "very": 2.0,
    "extremely": 2.0,
    "utterly": 2.0,
    "completely": 2.0,
    "so": 1.5,
}
_BOTH = (
    *(
        "{a} and {b}",
        "{a} and {b} at once",
        "{a} but {b}",
        "both {a} and {b}",
        "{a}, {b}",
        "half {a}, half {b}",
        "{a} yet {b}",
    ),
    *(
        "{a} and {b} at the same time",
        "a mix of {a} and {b}",
        "{a} as well as {b}",
        "somewhere between {a} and {b}",
        "{a}+{b}",
    ),
    *("{a} with {b} mixed in", "caught between {a} and {b}", "{a} and also {b}", "{b} and {a}", "{b} but also {a}"),
)
_FRAMES = (
    *(
        "{who} looking {how}",
        "{who}, {how}",
        "{who} who is {how}",
        "{aHow} {bare}",
        "{who} feeling {how}",
        "{how} {bare}",
    ),
    *(
        "{who}, {how} as can be",
        "{who} - {how}",
        "{who} who looks {how}",
        "{who} seeming {how}",
        "{bare}: {how}",
        "{who} who's {how}",
    ),
)
_ALONE = (
    *(
        "{how}",
        "looking {how}",
        "feeling {how}",
        "{how} face",
        "{how} expression",
        "make it look {how}",
        "expression: {how}",
    ),
    *(
        "a {how} look",
        "someone {how}",
        "mood: {how}",
        "{how}, that's it",
        "emotion {how}",
        "a face that's {how}",
        "visibly {how}",
    ),
)
_EDITS = (
    *(
        "make {them} {how}",
        "now {how}",
        "make {them} look {how}",
        "{how} please",
        "same but {how}",
        "show {them} {how}",
    ),
    *(
        "turn {them} {how}",
        "let {them} be {how}",
        "what would {they} look like {how}?",
        "{they} should look {how}",
        "as {how}",
    ),
    *(
        "change the expression to {how}",
        "give {them} {aHow} expression",
        "more {how}",
        "have {them} {how} instead",
        "I want {them} {how}",
    ),
)


def _feeling(rng: Random) -> tuple[str, str, Labels]:
    """Draw words for an emotion: (adjective words, "" ) or ("", phrase that follows "with"), and labels."""
    table = emotions()
    names = [*table, *COMPOUNDS]
    name = rng.choices(names, [1.0 if n in table else 0.75 for n in names])[0]
    if name in COMPOUNDS:
        first, second = COMPOUNDS[name]
        a, b = rng.choice(table[first].get("A")), rng.choice(table[second].get("A"))
        if rng.random() < 0.15:
            return name, "", {"emotion": name, "intensity": INTENSITY[1.0]}
        how = rng.choice(_BOTH).format(a=a.text, b=b.text)
        return how, "", {"emotion": name, "intensity": INTENSITY[max(a.degree, b.degree, 1.0)]}
    entry = table[name]
    if rng.random() < 0.35:
        phrase = rng.choice(entry.get("P"))
        return "", phrase.text, _emotion_labels(name, phrase.degree)
    adjective = rng.choice(entry.get("A"))
    if adjective.degree == 1.0 and name != "neutral" and rng.random() < 0.3:
        grade = rng.choice(list(_GRADES))
        return f"{grade} {adjective.text}", "", _emotion_labels(name, _GRADES[grade])
    return adjective.text, "", _emotion_labels(name, adjective.degree)


def _emotion_labels(name: str, degree: float) -> Labels:
    return {"emotion": name} if name == "neutral" else {"emotion": name, "intensity": INTENSITY[degree]}


def _who(person: Person) -> tuple[str, str]:
    """("a 40-year-old woman in …", "40-year-old woman")."""
    bare = " ".join(w for w in (person.before, person.noun) if w)
    named = bare if person.noun in ("someone", "somebody") else article(bare)
    return f"{named} {person.after}".strip(), bare


def draw_emotion(rng: Random) -> tuple[str, Labels]:
    """Draw a caption that names an emotion, often of a person with looks."""
    how, phrase, labels = _feeling(rng)
    items = draw_items(rng, rng.choice((1, 1, 2, 3))) if rng.random() < 0.35 else []
    person = draw_person(rng) if rng.random() < 0.6 else None
    merged = merge({**labels, **(person.labels if person else {})}, items)
    if merged is None:
        items, merged = [], {**labels, **(person.labels if person else {})}
    if person:
        who, bare = _who(person)
        a_how = article(how) if how else ""
        text = f"{who} with {phrase}" if phrase else rng.choice(_FRAMES).format(who=who, how=how, aHow=a_how, bare=bare)
    else:
        text = phrase if phrase else rng.choice(_ALONE).format(how=how)
    if items:
        traits = [i.phrase() for i in items]
        text = rng.choice(
            (f"{text}, {joined(rng, traits)}", f"{', '.join(traits)}, {text}", f"{text}; {', '.join(traits)}")
        )
    if rng.random() < 0.15:
        text = f"{rng.choice(OPENINGS)} {text}"
    return roughen(rng, text), merged


def draw_movement_of(rng: Random, edit: bool = False) -> tuple[str, Labels]:
    """Draw words for one movement on both sides or one, or for its absence."""
    entry, units = rng.choice(movements())
    kind = rng.random()
    sided = any(u.endswith("Left") for u in units) and entry.get("one")
    if sided and kind < 0.25:
        return _one_sided(rng, entry, units)
    if entry.get("N") and kind > 0.88:
        return rng.choice(entry.get("N")).text, {"expression_off": list(units)}
    mark = "E" if edit and entry.get("E") and rng.random() < 0.7 else "P"
    phrase = rng.choice(entry.get(mark) if mark == "E" or rng.random() < 0.8 else (*entry.get("A"), *entry.get("P")))
    text, degree = _grade(rng, phrase)
    weight = INTENSITY[degree]
    if entry.names[0] in ("eyeBlink", "eyeLookUp") and degree == 1.0 and entry.names[0] == "eyeBlink":
        weight = 1.0
    return text, {"expression": dict.fromkeys(units, weight)}


def _grade(rng: Random, phrase: Phrase) -> tuple[str, float]:
    """Add a share ("50 %") or a word for more or less to a phrase, in one case of six."""
    if phrase.degree != 1.0 or rng.random() > 0.16:
        return phrase.text, phrase.degree
    word, degree = rng.choice(
        (
            ("a little", 0.5),
            ("slightly", 0.5),
            ("just a bit", 0.5),
            ("strongly", 2.0),
            ("to the maximum", 2.0),
            ("as far as possible", 2.0),
            ("fully", 2.0),
        )
    )
    return f"{phrase.text}, {word}" if rng.random() < 0.7 else f"{phrase.text} ({word})", degree


def _one_sided(rng: Random, entry: Entry, units: tuple[str, ...]) -> tuple[str, Labels]:
    """Draw words for one side: "a wink with the left eye"."""
    side = rng.choice(("left", "right"))
    phrase = rng.choice(entry.get("one")).text
    chosen = [u for u in units if u.endswith(side.capitalize())]
    named = rng.choice(
        (
            *(f"{phrase}, {side} side", f"{phrase} on the {side}", f"{phrase} ({side})", f"{phrase}, the {side} one"),
            *(
                f"{phrase} on the {side} side only",
                f"{side}: {phrase}",
                f"{phrase}, {side} only",
                f"{phrase}, only on {side}",
            ),
            *(f"{phrase} with the {side} one", f"{phrase} on {side} alone", f"just the {side}: {phrase}"),
            *((f"{phrase} with the {side} eye", f"{side} eye: {phrase}") if entry.names[0] == "eyeBlink" else ()),
        )
    )
    labels: Labels = {"expression": dict.fromkeys(chosen, 1.0 if entry.names[0] == "eyeBlink" else 0.7)}
    wink = entry.names[0] == "eyeBlink"  # what closes one eye leaves the other open
    if wink or "only" in named or "just" in named or "alone" in named or rng.random() < 0.3:
        labels["expression_off"] = [mirror_arkit_name(u) for u in chosen]
    return named, labels


#: Movements that exclude each other.
_OPPOSED = {
    "mouthLeft": "mouthRight",
    "jawLeft": "jawRight",
    "eyeLookUpLeft": "eyeLookDownLeft",
    "eyeLookOutLeft": "eyeLookInLeft",
    "mouthSmileLeft": "mouthFrownLeft",
    "eyeWideLeft": "eyeBlinkLeft",
    "eyeSquintLeft": "eyeWideLeft",
    "mouthPucker": "mouthStretchLeft",
}
_OPPOSED |= {b: a for a, b in _OPPOSED.items()}


def _movements(rng: Random, count: int, edit: bool = False) -> tuple[str, Labels]:
    """Draw several movements that touch different units."""
    parts: list[str] = []
    on: dict[str, float] = {}
    off: list[str] = []
    for _ in range(3 * count):
        if len(parts) == count:
            break
        text, labels = draw_movement_of(rng, edit)
        units = {*labels.get("expression", {}), *labels.get("expression_off", ())}
        if units.isdisjoint({*on, *off}) and units.isdisjoint(_OPPOSED.get(u, "") for u in on):
            parts.append(text)
            on |= labels.get("expression", {})
            off += labels.get("expression_off", [])
    labels = {**({"expression": on} if on else {}), **({"expression_off": off} if off else {})}
    return joined(rng, parts, rng.choice(("and", "with", "but"))), labels


def draw_movement(rng: Random) -> tuple[str, Labels]:
    """Draw a caption with one to three movements of the face, in half the cases of a person or with looks."""
    text, labels = _movements(rng, rng.choices((1, 2, 3), (0.6, 0.3, 0.1))[0])
    kind = rng.random()
    if kind < 0.35:
        person = draw_person(rng)
        link = rng.choice((" with ", ", ", " - ", ": "))
        text, labels = f"{_who(person)[0]}{link}{text}", {**labels, **person.labels}
    if kind > 0.25 and kind < 0.5:
        items = draw_items(rng, rng.choice((1, 1, 2)))
        merged = merge(labels, items)
        if merged is not None:
            text, labels = f"{text}, {joined(rng, [i.phrase() for i in items])}", merged
    if kind > 0.5 and rng.random() < 0.2:
        text = f"{rng.choice(OPENINGS)} a face with {text}"
    return roughen(rng, text), labels


def draw_expression_edit(rng: Random) -> tuple[str, Labels]:
    """Draw a request to change the expression of a given head."""
    if rng.random() < 0.45:
        text, labels = _movements(rng, rng.choice((1, 1, 2)), edit=True)
        if rng.random() < 0.15:
            text += rng.choice((", please", ", keep the rest", " - everything else stays"))
            labels = {**labels, **({"keep": True} if not text.endswith("please") else {})}
        return roughen(rng, text), labels
    how, phrase, labels = _feeling(rng)
    them, they = rng.choice((("him", "he"), ("her", "she"), ("them", "they"), ("it", "it")))
    if phrase:
        text = rng.choice(("give {them} {p}", "now with {p}", "{p} please", "put {p} on", "same, with {p}")).format(
            them=them, p=phrase
        )
    else:
        text = rng.choice(_EDITS).format(how=how, aHow=article(how), them=them, they=they)
    return roughen(rng, text), labels
