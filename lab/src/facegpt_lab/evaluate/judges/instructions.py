"""A hundred everyday instructions whose answers a program can check, and a page of plain English.

They measure what a language model keeps of its general ability while it learns about faces; no answer is about faces.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Instruction:
    """What is asked, and whether an answer will do."""

    text: str
    passes: Callable[[str], bool]


def _says(*words: str) -> Callable[[str], bool]:
    """The answer has one of these words."""
    pattern = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, words)) + r")(?!\w)", re.IGNORECASE)
    return lambda answer: bool(pattern.search(answer))


def _lines(count: int) -> Callable[[str], bool]:
    return lambda answer: len([line for line in answer.splitlines() if line.strip()]) >= count


def _is_json(answer: str) -> bool:
    match = re.search(r"[{\[].*[}\]]", answer, re.DOTALL)
    try:
        return match is not None and json.loads(match[0]) is not None
    except ValueError:
        return False


def _capitals(answer: str) -> bool:
    letters = [c for c in answer if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) > 0.9 * len(letters)


_FACTS = """
What is the capital of France?|Paris
What is the capital of Japan?|Tokyo
What is the capital of Italy?|Rome
What is the capital of Egypt?|Cairo
What is the capital of Germany?|Berlin
What is the capital of Spain?|Madrid
What is the capital of Russia?|Moscow
What is the capital of China?|Beijing
What is the capital of the United Kingdom?|London
What is the capital of the United States?|Washington
Which planet is closest to the sun?|Mercury
Which planet is known as the red planet?|Mars
Which is the largest planet in our solar system?|Jupiter
What is the largest ocean on Earth?|Pacific
What is the chemical symbol for gold?|Au
What is the chemical formula of water?|H2O
What gas do plants take in for photosynthesis?|carbon dioxide|CO2
What gas do humans need to breathe to live?|oxygen
How many days are there in a week?|seven|7
How many months are there in a year?|twelve|12
How many hours are there in a day?|24|twenty-four
How many minutes are there in an hour?|60|sixty
How many legs does a spider have?|eight|8
How many sides does a triangle have?|three|3
How many continents are there?|seven|7
How many letters are in the English alphabet?|26|twenty-six
Who wrote Romeo and Juliet?|Shakespeare
Who painted the Mona Lisa?|Leonardo|da Vinci
Who developed the theory of relativity?|Einstein
Who was the first president of the United States?|Washington
What is the freezing point of water in degrees Celsius?|0|zero
What is the boiling point of water in degrees Celsius?|100|hundred
What colour do you get when you mix blue and yellow?|green
What colour do you get when you mix red and white?|pink
What colour is a ripe banana?|yellow
What is the opposite of hot?|cold
What is the opposite of up?|down
What is the opposite of big?|small|little
What is the opposite of light?|dark|darkness|heavy
What is the opposite of early?|late
What is the plural of child?|children
What is the plural of mouse?|mice
What is the past tense of go?|went
What is the past tense of eat?|ate
What do bees make?|honey
What animal says meow?|cat
What animal is known as man's best friend?|dog
What is the largest animal in the world?|whale
What is the tallest animal in the world?|giraffe
What season comes after winter?|spring
What day comes after Monday?|Tuesday
What day comes before Sunday?|Saturday
What month comes after March?|April
What language is spoken in Brazil?|Portuguese
What language is spoken in Mexico?|Spanish
What currency is used in Japan?|yen
What is frozen water called?|ice
What star is at the centre of our solar system?|sun
What force pulls objects toward the Earth?|gravity
What do you call a baby dog?|puppy
What do you call a baby cat?|kitten
""".strip().splitlines()

_SUMS = ((2, 3), (4, 5), (7, 1), (10, 5), (6, 6), (8, 2), (20, 10), (9, 3), (12, 4), (5, 5))

INSTRUCTIONS: tuple[Instruction, ...] = (
    *(Instruction(line.split("|")[0], _says(*line.split("|")[1:])) for line in _FACTS),
    *(Instruction(f"What is {a} plus {b}?", _says(str(a + b))) for a, b in _SUMS),
    Instruction("Name a fruit.", _says("apple", "banana", "orange", "mango", "grape", "pear", "peach", "lemon")),
    Instruction(
        "Name a country in Europe.", _says("France", "Germany", "Italy", "Spain", "Poland", "Sweden", "Greece")
    ),
    Instruction("Name a musical instrument.", _says("piano", "guitar", "violin", "drum", "drums", "flute", "trumpet")),
    Instruction("Name a primary colour.", _says("red", "blue", "yellow", "green")),
    Instruction("Name a metal.", _says("iron", "gold", "silver", "copper", "steel", "aluminum", "aluminium", "zinc")),
    Instruction("List three animals, one per line.", _lines(3)),
    Instruction("List five vegetables, one per line.", _lines(5)),
    Instruction("List four sports, one per line.", _lines(4)),
    Instruction("Write a list of three things to pack for a beach trip, one per line.", _lines(3)),
    Instruction("Give three tips for sleeping better.", _lines(3)),
    Instruction("Is fire hot? Answer with yes or no.", _says("yes")),
    Instruction("Is ice warm? Answer with yes or no.", _says("no")),
    Instruction("Is the earth round? Answer with yes or no.", _says("yes")),
    Instruction("Can a fish walk on land like a dog? Answer with yes or no.", _says("no")),
    Instruction("Is 10 larger than 3? Answer with yes or no.", _says("yes")),
    Instruction("Write the word hello in capital letters.", lambda a: "HELLO" in a),
    Instruction("Write a short sentence in all capital letters.", _capitals),
    Instruction("Repeat the word banana three times.", lambda a: a.lower().count("banana") >= 3),
    Instruction("Say hello to Anna by name.", _says("Anna")),
    Instruction("Write a sentence that contains the word umbrella.", _says("umbrella", "umbrellas")),
    Instruction(
        "Write a sentence that contains the words cat and moon.", lambda a: _says("cat")(a) and _says("moon")(a)
    ),
    Instruction("Write a question about the weather.", lambda a: "?" in a),
    Instruction("End your answer with the word goodbye.", _says("goodbye")),
    Instruction("Write a JSON object with the keys name and age.", _is_json),
    Instruction("Write a JSON list of three numbers.", _is_json),
    Instruction("Write a Python line that prints hello.", lambda a: "print(" in a),
    Instruction("Write a Python function called add that returns a + b.", lambda a: "def add" in a and "return" in a),
    Instruction("Translate 'thank you' into French.", _says("merci")),
    Instruction("Translate 'good morning' into Spanish.", _says("buenos días", "buenos dias")),
)

#: Plain English of many kinds, for the likelihood of ordinary text.
PASSAGES: tuple[str, ...] = (
    "The ferry left a quarter of an hour late because the harbour pilot could not find his keys. Nobody on deck "
    "seemed to mind. Gulls followed us as far as the lighthouse, and then, as if a bell had rung, turned back all "
    "at once.",
    "To make the soup, soften two onions in butter over a low heat, add a kilo of carrots cut into coins, and "
    "cover with stock. Simmer for half an hour, then blend it with a spoonful of cream and a little nutmeg. It "
    "keeps for three days.",
    "A bicycle stays upright for reasons that are harder to explain than most riders expect. The front wheel "
    "tends to turn towards the side on which the machine leans, and this brings the wheels back under the rider.",
    "Dear Mr Albright, thank you for your letter of the third. We have looked into the matter of the missing "
    "parcel, and I am pleased to say that it was found in our depot in Leeds. It will be sent out again tomorrow "
    "by registered post.",
    "The function reads a file line by line and keeps a running total for each name it meets. When the file ends, "
    "the names are sorted by their totals, and the ten largest are printed. An empty line is skipped without a "
    "warning.",
    "In the years after the war the town grew faster than its roads. Houses were built along the river on land "
    "that flooded every spring, and the council, which had once refused to pave the square, now argued about "
    "where to put a station.",
    "Rain is expected to spread from the west during the morning, turning heavy at times over the hills. It will "
    "become brighter later, with a fresh wind and temperatures of about eleven degrees. The night will be mostly "
    "dry.",
    '"You said you would be here at six," she said, without looking up from the crossword. "I said about six," he '
    'answered, "and it is about six in a good many places." She wrote a word into the grid and did not smile.',
    "Cells divide in order to grow and to repair tissue. Before a cell splits, it copies the long molecules that "
    "carry its instructions, so that each daughter receives a complete set. Errors are rare, and most of them are "
    "put right at once.",
    "If you are learning to play the guitar, begin with three chords and a slow song. Change between the chords "
    "until your fingers find them by themselves. Ten minutes a day will take you further than two hours on a "
    "Sunday.",
    "The committee met on Tuesday to discuss the budget for the coming year. Members agreed that the library "
    "should stay open on Saturdays, and that the money for it could be found by putting off the new fence around "
    "the car park.",
    "Long ago, a fox who lived at the edge of the forest made a bargain with the moon. He would be quiet whenever "
    "she was full, and she would light his way home whenever he had stayed out too long. Neither of them kept it "
    "very well.",
)
