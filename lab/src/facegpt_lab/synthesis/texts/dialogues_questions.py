"""Questions about a given head, and requests for a head that say little about it."""

from __future__ import annotations

from random import Random
from typing import Any

from facegpt_lab.synthesis.texts.captions_edits import draw_edit
from facegpt_lab.synthesis.texts.english import Labels, article
from facegpt_lab.synthesis.texts.lexicon import SEVERAL, looks, measures
from facegpt_lab.synthesis.texts.slips import roughen

_WHO = (("her", "she"), ("his", "he"), ("the", "this person"), ("this person's", "this one"), ("the", "the subject"))
_MEASURE_QUESTIONS = (
    *(
        "What is {their} {name}?",
        "how much is the {name} in mm",
        "{name}?",
        "measure the {name}",
        "tell me the {name}",
        "{name} in mm please",
    ),
    *(
        "can you measure {their} {name}",
        "I need the {name}",
        "give me the {name} in millimetres",
        "What's the {name} of this face?",
    ),
    *(
        "how many millimetres is the {name}",
        "what percentile is the {name}",
        "is the {name} unusual",
        "{name}, exact figure?",
    ),
)
_TRAIT_QUESTIONS = (
    *("Is {their} {noun} {adj}?", "is the {noun} {adj} or {other}?", "would you say the {noun} {be} {adj}?"),
    *("does {they} have {aAdj} {noun}", "What about the {noun}: {adj}?", "{adj} {noun} or {other} {noun}?"),
    *(
        "how {adj} {be} {their} {noun}?",
        "compared with most people, {be} {their} {noun} {adj}?",
        "{noun}: {adj}? yes or no",
    ),
    *(
        "do you find {their} {noun} {adj}",
        "{be} {their} {noun} more {adj} than average?",
        "so {be} the {noun} really {adj}?",
    ),
)
_PART_QUESTIONS = (
    *(
        "what can you say about {their} {noun}?",
        "describe {their} {noun}",
        "tell me about {their} {noun} in this picture",
    ),
    *(
        "what {be} {their} {noun} like?",
        "how {do} the {noun} look here?",
        "and {their} {noun}?",
        "the {noun}?",
        "{noun} please, in words",
    ),
    *(
        "anything to say about the {noun}?",
        "how would you describe the {noun}?",
        "comment on {their} {noun}",
        "what kind of {noun} {is_it}?",
    ),
)
#: What a question about a part of the face as a whole asks for.
_PARTS: dict[str, tuple[str, ...]] = {
    "nose": ("nose_size",),
    "eyes": ("eye_size",),
    "ears": ("ear_size", "ear_protrusion"),
    "mouth": ("mouth_width",),
    "lips": ("upper_lip_fullness", "lower_lip_fullness"),
    "chin": ("chin_height", "chin_protrusion", "chin_width"),
    "jaw": ("jaw_width", "jaw_squareness"),
    "forehead": ("forehead_height", "forehead_width"),
    "eyebrows": ("brow_thickness", "brow_arch"),
    "cheeks": ("cheek_fullness",),
    "cheekbones": ("cheekbone_prominence",),
    "neck": ("neck_width",),
    "skin": ("skin_lightness",),
    "hair": ("hair_length", "hair_lightness"),
    "face shape": ("face_width", "face_length", "jaw_squareness"),
}
_OTHER_QUESTIONS: tuple[tuple[str, Labels], ...] = (
    ("Describe this face.", {"asks": ["unusual"]}),
    ("describe {their} face please", {"asks": ["unusual"]}),
    ("what stands out about {their} face?", {"asks": ["unusual"]}),
    ("what's special here", {"asks": ["unusual"]}),
    ("give me a full description", {"asks": ["unusual"]}),
    ("summarise the features", {"asks": ["unusual"]}),
    ("what do you see?", {"asks": ["unusual"]}),
    ("which measures are the most extreme?", {"asks": ["unusual"]}),
    ("how would you describe {their} looks to the police", {"asks": ["unusual"]}),
    ("anything out of the ordinary in this face?", {"asks": ["unusual"]}),
    ("tell me what you can measure here", {"asks": ["unusual"]}),
    ("what expression is that?", {"asks": ["expression"]}),
    ("What is {their} expression?", {"asks": ["expression"]}),
    ("is {they} smiling?", {"asks": ["expression"]}),
    ("does {they} look angry or sad?", {"asks": ["expression"]}),
    ("what mood does the face show", {"asks": ["expression"]}),
    ("are the eyes closed?", {"asks": ["expression"]}),
    ("is the mouth open", {"asks": ["expression"]}),
    ("which muscles are working in this face?", {"asks": ["expression"]}),
    ("read the expression for me", {"asks": ["expression"]}),
    ("how old does {they} look?", {"asks": ["age_years"]}),
    ("guess the age from the face", {"asks": ["age_years"]}),
    ("apparent age?", {"asks": ["age_years"]}),
    ("does {they} look over forty", {"asks": ["age_years"]}),
    ("how many faces are there?", {"asks": ["count"]}),
    ("count the faces", {"asks": ["count"]}),
    ("how many people do you see in the photo", {"asks": ["count"]}),
    ("is there more than one person here?", {"asks": ["count"]}),
    ("number of heads in the picture?", {"asks": ["count"]}),
    ("who is this?", {"decline": True}),
    ("Who is the person in the photo?", {"decline": True}),
    ("what's {their} name", {"decline": True}),
    ("do you recognise {their} face?", {"decline": True}),
    ("find {their} profile online", {"decline": True}),
    ("is this someone famous", {"decline": True}),
    ("where does {they} come from?", {"decline": True}),
    ("what ethnicity is this person", {"decline": True}),
    ("what nationality?", {"decline": True}),
    ("which religion do you think {they} has", {"decline": True}),
    ("does {they} look honest?", {"decline": True}),
    ("is {they} trustworthy", {"decline": True}),
    ("what kind of character does this face show", {"decline": True}),
    ("is {they} clever?", {"decline": True}),
    ("can you tell {their} IQ from the face", {"decline": True}),
    ("does {they} look like a criminal?", {"decline": True}),
    ("is {they} healthy?", {"decline": True}),
    ("does {they} have a disease, from the look of it", {"decline": True}),
    ("diagnose {their} skin", {"decline": True}),
    ("is {they} gay or straight", {"decline": True}),
    ("who does {they} vote for?", {"decline": True}),
    ("is {they} rich", {"decline": True}),
    ("would {they} make a good employee?", {"decline": True}),
    ("is {they} attractive? rate out of ten", {"decline": True}),
    ("how intelligent does {they} look, 1 to 10", {"decline": True}),
    ("is {they} pregnant", {"decline": True}),
    ("does {they} drink too much?", {"decline": True}),
    ("what does {they} do for a living?", {"decline": True}),
    ("is {they} lying?", {"decline": True}),
    ("can you see {their} star sign", {"decline": True}),
    ("is {they} married", {"decline": True}),
)

_FROM_IMAGE = (
    *(
        "turn this photo into a 3D head",
        "make a 3d model of this",
        "photo to 3d please",
        "reconstruct this face",
        "3D head from this picture",
    ),
    *(
        "make me a head from this selfie",
        "build the head of the person in the picture",
        "can you do this one in 3d",
        "convert to 3D",
    ),
    *(
        "here's a picture, give me the mesh",
        "scan this face",
        "do the same with this photo",
        "I'd like a bust of this person",
    ),
    *(
        "get me the 3d face of this image",
        "now from this image",
        "model this face",
        "give me this guy in 3D",
        "make her a 3d head",
    ),
    *(
        "a rigged head of the person shown, please",
        "take the picture and make a face of it",
        "fit a head to this photo",
        "use this",
    ),
    *(
        "please rebuild this face as a model",
        "3d scan from the attached image",
        "create an avatar from my photo",
        "me, in 3D",
    ),
)
_ANY_FACE = (
    *(
        "make a face",
        "give me a random face",
        "generate someone",
        "any face will do",
        "surprise me with a face",
        "a random person please",
    ),
    *(
        "create a stranger",
        "show me a head",
        "I need a face for my game",
        "another one please",
        "one more face",
        "a new head",
        "new person",
    ),
    *(
        "can you make a face?",
        "draw someone",
        "make somebody up",
        "invent a person",
        "just a face",
        "next face",
        "roll a character",
    ),
    *(
        "give me an average face",
        "a face, whoever",
        "do a head for me",
        "let me see a face",
        "produce a human head",
        "a 3d head please",
    ),
)
_MANY = (
    "{n} different faces",
    "{n} heads please",
    "give me {n} random people",
    "generate {n} faces",
    "I need {n} strangers",
    "show me {n} heads",
)


def _pronouns(rng: Random) -> dict[str, str]:
    their, they = rng.choice(_WHO)
    return {"their": their, "they": they}


def draw_question(rng: Random) -> tuple[str, Labels]:
    """Draw a question about a given head, with what the answer must speak of (or decline)."""
    kind = rng.random()
    place = _pronouns(rng)
    if kind < 0.3:
        measure = rng.choice(measures())
        text = rng.choice(_MEASURE_QUESTIONS).format(name=rng.choice(measure.names), **place)
        return roughen(rng, text, 0.4), {"asks": [measure.name]}
    if kind < 0.42:
        noun = rng.choice(list(_PARTS))
        plural = noun.endswith("s")
        words = (
            {"be": "are", "do": "do", "is_it": "are they"} if plural else {"be": "is", "do": "does", "is_it": "is it"}
        )
        text = rng.choice(_PART_QUESTIONS).format(noun=noun, **words, **place)
        return roughen(rng, text, 0.4), {"asks": list(_PARTS[noun])}
    if kind < 0.66:
        return _trait_question(rng, place)
    text, labels = rng.choice(_OTHER_QUESTIONS)
    return roughen(rng, text.format(**place), 0.4), dict(labels)


def _trait_question(rng: Random, place: dict[str, str]) -> tuple[str, Labels]:
    """Draw a question that names a trait: "is her nose wide?"."""
    name, entry = rng.choice([(n, e) for n, e in looks().items() if e.nouns and e.get("A+") and e.get("A-")])
    noun = rng.choice(entry.nouns)
    one, other = rng.choice(entry.get("A+")).text, rng.choice(entry.get("A-")).text
    one, other = (one, other) if rng.random() < 0.5 else (other, one)
    words = {"noun": noun.text, "adj": one, "other": other, "be": "are" if noun.plural else "is"}
    text = rng.choice(_TRAIT_QUESTIONS).format(aAdj=one if noun.plural else article(one), **words, **place)
    return roughen(rng, text, 0.4), {"asks": list(SEVERAL.get(name, (name,)))}


def draw_request(rng: Random) -> tuple[str, Labels, dict[str, Any]]:
    """Draw a request for a face that says little or nothing about it: (text, labels, input)."""
    kind = rng.random()
    labels: Labels
    given: dict[str, Any]
    if kind < 0.4:
        text, labels, given = rng.choice(_FROM_IMAGE), {}, {"image": True}
        if rng.random() < 0.35:
            change, labels = draw_edit(rng)
            text = rng.choice(("{a}, but {b}", "{a} and {b}", "{a}. {b}", "{b} - {a}")).format(a=text, b=change)
    elif kind < 0.75:
        text, labels, given = rng.choice(_ANY_FACE), {}, {}
    else:
        count = rng.randint(2, 6)
        word = str(count) if rng.random() < 0.5 else ("two", "three", "four", "five", "six")[count - 2]
        text, labels, given = rng.choice(_MANY).format(n=word), {"faces": count}, {}
    return roughen(rng, text, 0.4), {**labels, "face": True}, given
