"""Questions for yes or no, alone or after what leads up to them, with the claim that each asks about as labels.

"Is her nose wide?", "wide nose, yes?", and after "what about her nose": "is it wide", "or narrow?". The claim is what a
description with these words would say of a head.
"""

from __future__ import annotations

from random import Random

from facegpt.language.earlier import Earlier, note_of_labels
from facegpt_lab.synthesis.texts import captions_millimetres
from facegpt_lab.synthesis.texts.conversations import ReadTurn
from facegpt_lab.synthesis.texts.english import Labels, article, comparative
from facegpt_lab.synthesis.texts.lexicon import Entry, attribute_labels, emotions, looks, measures, movements
from facegpt_lab.synthesis.texts.slips import roughen

_WHO = (("her", "she"), ("his", "he"), ("the", "this person"), ("their", "the one on the left"), ("its", "it"))
_OF_A_PART = (
    *("is {their} {noun} {adj}", "{noun} {adj}", "{adj} {noun}", "{their} {noun} {be} {adj}, right", "{a} {noun}, no"),
    *("would you call {their} {noun} {adj}", "has {they} got {a} {noun}", "does {they} have {a} {noun}, yes or no"),
    *(
        "{adj} {noun} - yes or no",
        "{noun} on the {adj} side",
        "so {their} {noun} {be} {adj}",
        "{they} got {adj} {noun}",
    ),
    *("do i see {a} {noun} there", "has {they} {a} {noun}, true or false", "{noun}: rather {adj}, isn't it"),
    *("{they} has {adj} {noun}, yes", "{be} the {noun} more {adj} than most", "honestly, {be} {their} {noun} {adj}"),
    *(
        "{their} {noun} {be} {adj} or what",
        "{noun} a bit {adj}, i suspect",
        "tell me straight: {be} {their} {noun} {adj}",
    ),
    *("{be} {that} {a} {noun} {they} has", "{be} {that} {a} {noun}", "{be} {that} what you'd call {a} {noun}"),
    *(
        "would you say {that} {be} {a} {noun}",
        "{that} {noun}: {adj}",
        "a case of {adj} {noun}",
        "{they} with {a} {noun}",
    ),
    *("does {that} look like {a} {noun} to you", "can one say {a} {noun}", "was {they} born with {a} {noun}"),
    *("{be} {their} {noun} {comparative} than usual", "any chance the {noun} {be} {adj}", "{noun} {be} {adj}, correct"),
    *("does {they} have {a} {noun}", "has {they} {a} {noun}", "{be} the {noun} {adj}", "can you see {a} {noun}"),
    *("{be} {their} {noun} {adj} enough to see", "do you think {they} has {a} {noun}", "{they} has {a} {noun}"),
    *("does this face have {a} {noun}", "would you say {they} has {a} {noun}", "{be} {their} {noun} {adj} at all"),
)
_OF_WHAT_WAS_SAID = (
    *("{adj}", "is it {adj}", "{adj} then", "more {adj} than average", "would you call it {adj}", "or rather {adj}"),
    *("{adj} or not", "would people say {adj}", "{comparative} than normal", "and is that {adj}", "{adj} at all"),
    *("so {adj}, yes", "does that count as {adj}", "is that {adj} for a face", "pretty {adj}, huh"),
)
_LEADS = (
    *(
        "what about {their} {noun}",
        "the {noun}?",
        "tell me about {their} {noun}",
        "and {their} {noun}?",
        "how is the {noun}",
    ),
    *("{noun} please", "look at {their} {noun}"),
)
_OF_A_MOVEMENT = (
    *("{with}", "has {they} {with}", "do i see {with}", "{with}, yes", "{with} or not", "is {they} shown with {with}"),
    *("{with} in the picture", "any sign of {with}", "{with} now", "am i right: {with}", "still {with}"),
)
_DOING = (
    *(
        "is {they} {doing}",
        "{doing}",
        "{they} {doing}",
        "{they} is {doing}, right",
        "{doing} or not",
        "is {they} still {doing}",
    ),
    *("{they} looks {doing} to me, no", "would you say {they} is {doing}", "{doing} now", "is {they} actually {doing}"),
    *("does {they} seem {doing}", "{doing} at all", "{they} {doing} or what", "tell me, is {they} {doing}"),
)
_ABOVE = (
    *(
        "is it over {x}",
        "over {x}",
        "above {x}",
        "more than {x} is it",
        ">{x}",
        "bigger than {x}",
        "is that more than {x}",
    ),
    *("more than {x}, yes", "past {x} now", "does it exceed {x}", "beyond {x}", "at least {x}", "so over {x} then"),
)
_BELOW = (
    *(
        "is it under {x}",
        "under {x}",
        "below {x}",
        "less than {x} is it",
        "<{x}",
        "smaller than {x}",
        "is that less than {x}",
    ),
    *(
        "less than {x}, yes",
        "short of {x}",
        "does it stay below {x}",
        "at most {x}",
        "so under {x} then",
        "not even {x}",
    ),
)
_MEASURED = ("what is {their} {name}", "{name}?", "how much is the {name}", "{name} in mm", "and the {name}")


def draw_yes_or_no(rng: Random, key: str) -> ReadTurn:
    """Draw one question with what came before it. key: names it."""
    draw = rng.choices((_of_a_part, _of_a_movement, _of_a_feeling, _of_a_length), (0.5, 0.2, 0.1, 0.2))[0]
    text, asks, claim, earlier = draw(rng)
    mark = "?" if rng.random() < 0.65 else ""
    return ReadTurn(key, roughen(rng, text + mark, 0.3), "question", (), asks, 1, 0, earlier, claims=(claim,))


_Drawn = tuple[str, tuple[str, ...], Labels, tuple[Earlier, ...]]


def _of_a_part(rng: Random) -> _Drawn:
    """A trait of a part; a third of them after a question on that part."""
    name, pole = rng.choice(list(looks())), rng.choice("+-")
    entry = looks()[name]
    plain = [each for each in entry.get(f"A{pole}") if not each.more]
    if not entry.nouns or not plain:
        return _of_a_part(rng)
    noun, word, (their, they) = rng.choice(entry.nouns), rng.choice(plain), rng.choice(_WHO)
    adjective = word.text
    say = {"noun": noun.text, "adj": adjective, "be": "are" if noun.plural else "is", "their": their, "they": they}
    say |= {"that": "those" if noun.plural else "that"}
    say |= {"a": adjective if noun.plural else article(adjective), "comparative": comparative(adjective)}
    attributes = attribute_labels(name, word.degree * (1 if pole == "+" else -1), {})[0]
    if rng.random() < 0.35:
        lead = rng.choice(_LEADS).format(**say)
        earlier = (Earlier(lead, note_of_labels("question", {}, tuple(attributes))),)
        return rng.choice(_OF_WHAT_WAS_SAID).format(**say), tuple(attributes), {"attributes": attributes}, earlier
    return rng.choice(_OF_A_PART).format(**say), tuple(attributes), {"attributes": attributes}, ()


def _of_a_movement(rng: Random) -> _Drawn:
    entry, units = rng.choice(movements())
    their, they = rng.choice(_WHO)
    doing, wearing = entry.get("A"), entry.get("P")
    if doing and (rng.random() < 0.6 or not wearing):
        word = rng.choice(doing)
        text = rng.choice(_DOING).format(they=they, doing=word.text)
    elif wearing:
        word = rng.choice(wearing)
        text = rng.choice(_OF_A_MOVEMENT).format(**{"with": word.text}, they=they, their=their)
    else:
        return _of_a_movement(rng)
    weight = {0.5: 0.35, 1.0: 0.7}.get(word.degree, 1.0)
    return text, ("expression",), {"expression": dict.fromkeys(units, weight)}, ()


def _of_a_feeling(rng: Random) -> _Drawn:
    name = rng.choice(list(emotions()))
    entry: Entry = emotions()[name]
    word = rng.choice(entry.get("A")).text if entry.get("A") else name
    text = rng.choice(_DOING).format(they=rng.choice(_WHO)[1], doing=word)
    return text, ("expression",), {"emotion": name}, ()


def _of_a_length(rng: Random) -> _Drawn:
    """Whether a measure is above or below a number, mostly after a question on it."""
    words = rng.choice(measures())
    mean, sd = captions_millimetres.usual(words.name)
    their, _ = rng.choice(_WHO)
    name = rng.choice(words.names)
    said, exact = captions_millimetres.written(rng, float(round(mean + rng.gauss(0, 1.0) * sd)))
    above = rng.random() < 0.6
    claim: Labels = {"mm": {words.name: {"min" if above else "max": exact}}}
    if rng.random() < 0.6:
        lead = rng.choice(_MEASURED).format(their=their, name=name)
        earlier = (Earlier(lead, note_of_labels("question", {}, (words.name,))),)
        return rng.choice(_ABOVE if above else _BELOW).format(x=said), (words.name,), claim, earlier
    forms = (
        "is {their} {name} {than} {x}",
        "{name} {than} {x}",
        "{their} {name} {than} {x}, yes",
        "{name}: {than} {x}",
    )
    than = rng.choice(("over", "above", "more than", ">") if above else ("under", "below", "less than", "<"))
    return rng.choice(forms).format(their=their, name=name, than=than, x=said), (words.name,), claim, ()


def yes_or_no(count: int, seed: int) -> list[ReadTurn]:
    """Draw so many, each from (seed, its number) alone."""
    return [draw_yes_or_no(Random(f"yes {seed}/{k}"), f"yes/{seed}/{k}") for k in range(count)]
