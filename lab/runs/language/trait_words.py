"""Make language/trait_words.csv: adjectives of each attribute, from corpus/lexicon.

python -m lab.runs.language.trait_words
"""

from __future__ import annotations

import csv
from pathlib import Path

import facegpt
from facegpt.language.parts import PARTS, base_form
from facegpt_lab.synthesis.texts.lexicon import SEVERAL, looks

FILE = Path(facegpt.__file__).parent / "language/trait_words.csv"


def main() -> None:
    """Write a row for each attribute: its parts and the plain forms of the adjectives of its two poles."""
    with FILE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("attribute", "parts", "low", "high"))
        for name, entry in looks().items():
            nouns = [noun.text.split()[-1] for noun in entry.nouns]
            parts = sorted({PARTS[noun] for noun in nouns if noun in PARTS})
            low, high = (
                sorted({base_form(phrase.text) for phrase in entry.get(mark) if phrase.text.isalpha()})
                for mark in ("A-", "A+")
            )
            for attribute in SEVERAL.get(name, (name,)):
                if parts and (low or high):
                    rows.writerow((attribute, " ".join(parts), " ".join(low), " ".join(high)))


if __name__ == "__main__":
    main()
