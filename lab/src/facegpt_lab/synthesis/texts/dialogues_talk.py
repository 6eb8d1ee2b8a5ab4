"""Small talk, and small tasks whose answers a program knows."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from facegpt_lab.synthesis.texts.people_nouns import number_words
from facegpt_lab.synthesis.texts.slips import roughen

_GREETINGS = (
    "hi",
    "hello",
    "hey there",
    "good morning",
    "good evening",
    "hiya",
    "yo",
    "howdy",
    "hello there",
    "hi, how are you?",
)
_GREETED = (
    *(
        "Hello! What can I do for you?",
        "Hi! Shall we make a face, or just talk?",
        "Hello. How can I help?",
        "Hey! What's on your mind?",
    ),
    *("Good to see you. What would you like to do?", "Hi there! Ask me anything, or describe a face."),
)
_THANKS = ("thanks", "thank you", "thx", "cheers", "thank you so much", "ta", "much appreciated", "perfect, thanks")
_WELCOME = ("You're welcome.", "Any time.", "My pleasure.", "Glad I could help.", "You're welcome! Anything else?")
_PAIRS = (
    "hot-cold up-down early-late fast-slow high-low open-closed happy-sad rich-poor strong-weak light-dark "
    "win-lose full-empty young-old near-far wet-dry loud-quiet clean-dirty always-never inside-outside buy-sell "
    "love-hate brave-cowardly cheap-expensive sharp-blunt deep-shallow left-right true-false thick-thin begin-end"
)
_OPPOSITES = {a: b for a, _, b in (pair.partition("-") for pair in _PAIRS.split())}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _sum(rng: Random) -> tuple[str, str]:
    a, b = rng.randint(2, 60), rng.randint(2, 40)
    sign, word, value = rng.choice((("+", "plus", a + b), ("-", "minus", a - b), ("×", "times", a * b)))
    form = rng.choice(
        (
            "what is {a} {w} {b}?",
            "{a} {s} {b}",
            "{a}{s}{b}=?",
            "how much is {a} {w} {b}",
            "calculate {a} {w} {b}",
            "what's {a} {w} {b}",
        )
    )
    answer = rng.choice(("{v}", "{v}.", "{a} {s} {b} = {v}.", "That makes {v}.", "It's {v}."))
    place = {"a": a, "b": b, "s": sign, "w": word, "v": value}
    return form.format(**place), answer.format(**place)


def _convert(rng: Random) -> tuple[str, str]:
    amount = rng.randint(2, 90)
    a, b, factor = rng.choice(
        (
            ("cm", "mm", 10),
            ("kilometres", "metres", 1000),
            ("hours", "minutes", 60),
            ("metres", "centimetres", 100),
            ("kilograms", "grams", 1000),
            ("minutes", "seconds", 60),
            ("weeks", "days", 7),
        )
    )
    form = rng.choice(
        ("how many {b} are {n} {a}?", "convert {n} {a} to {b}", "{n} {a} in {b}", "what is {n} {a} in {b}?")
    )
    return form.format(n=amount, a=a, b=b), f"{amount} {a} are {amount * factor:,} {b}."


def _words(rng: Random) -> tuple[str, str]:
    word, other = rng.choice(list(_OPPOSITES.items()))
    kind = rng.randrange(5)
    if kind == 0:
        return rng.choice(("opposite of {w}?", "what is the opposite of '{w}'?", "antonym for {w}")).format(
            w=word
        ), f"{other.capitalize()}."
    if kind == 1:
        return f"write '{word}' in capitals", word.upper()
    if kind == 2:
        return rng.choice(
            (f"how many letters has '{word}'?", f"count the letters in {word}")
        ), f"'{word}' has {len(word)} letters."
    if kind == 3:
        return f"spell {word} backwards", word[::-1]
    day = rng.randrange(7)
    step, name = rng.choice(((1, "after"), (-1, "before")))
    return f"which day comes {name} {_DAYS[day]}?", f"{_DAYS[(day + step) % 7]}."


def _lists(rng: Random) -> tuple[str, str]:
    kind = rng.randrange(3)
    if kind == 0:
        numbers = rng.sample(range(1, 99), rng.randint(3, 6))
        which, value = rng.choice((("largest", max(numbers)), ("smallest", min(numbers)), ("sum", sum(numbers))))
        return f"{which} of {', '.join(map(str, numbers))}?", f"{value}."
    if kind == 1:
        low, step = rng.randint(1, 20), rng.randint(2, 9)
        row = [low + step * k for k in range(5)]
        return f"continue: {', '.join(map(str, row[:4]))}, …", f"{row[4]}."
    words = rng.sample(list(_OPPOSITES), rng.randint(3, 5))
    return f"sort alphabetically: {', '.join(words)}", f"{', '.join(sorted(words))}"


def _spoken(rng: Random) -> tuple[str, str]:
    number = rng.randint(21, 89)
    return rng.choice((f"write {number} in words", f"{number} as a word?")), f"{number_words(number)}"


def draw_talk(rng: Random) -> tuple[str, str]:
    """Draw small talk or a small task whose answer a program knows: (text, reply)."""
    kind = rng.random()
    if kind < 0.12:
        return roughen(rng, rng.choice(_GREETINGS), 0.3), rng.choice(_GREETED)
    if kind < 0.2:
        return roughen(rng, rng.choice(_THANKS), 0.3), rng.choice(_WELCOME)
    tasks: Sequence = (_sum, _sum, _convert, _words, _words, _lists, _spoken)
    return rng.choice(tasks)(rng)
