"""Speech sounds as articulation: what lips, jaw and tongue do in each sound of the phonetic alphabet (phones.csv).

Nine tracks describe a mouth in speech. `jaw` is the weight of jawOpen at an ordinary loudness; the others are 0..1 of
what articulate.py makes of them. The order of openness, rounding and place follows the chart of the International
Phonetic Association; which sounds resist their neighbours (`jaw_pull`, `lip_pull`: the α of Cohen and Massaro 1993)
follows Recasens' degrees of articulatory constraint: sibilants hold the jaw, velars and h take any neighbour's shape.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from facegpt.types import Array

#: The tracks, in the order of every articulation array (T, 9).
TRACKS = ("jaw", "round", "funnel", "spread", "upper", "lower", "closed", "teeth", "tongue")
#: Contacts: tracks that are reached in full at their sound, whatever stands beside it.
CONTACTS = ("closed", "teeth", "tongue")
#: One sign for several: letters for diphthongs and affricates, and sounds that look like another.
_SPELT = {
    **{"A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "ʤ": "dʒ", "ʧ": "tʃ", "ʦ": "ts", "ʣ": "dz"},
    **{"ᵊ": "ə", "ᵻ": "ɪ", "ɝ": "ɚ", "g": "ɡ", "c": "k", "q": "k", "ɣ": "x", "χ": "x", "ʁ": "x", "ɦ": "h", "ʕ": "h"},
    **{"ħ": "h", "ɟ": "ɡ", "ɬ": "l", "ɫ": "l", "ʎ": "l", "ɭ": "l", "ɲ": "n", "ɳ": "n", "ɴ": "ŋ", "ʈ": "t", "ɖ": "d"},
    **{"ʂ": "ʃ", "ʐ": "ʒ", "ʑ": "ɕ", "ʝ": "j", "ɥ": "w", "ʍ": "w", "ɻ": "ɹ", "ɽ": "ɾ", "ɰ": "x", "ɵ": "ø", "ʉ": "u"},
    **{"ʏ": "y", "ɘ": "ə", "ɞ": "ɜ", "ɶ": "a", "ɪ̈": "ɪ", "ᵿ": "ʊ"},
}
#: The alphabet of English recognisers (CMU) in the phonetic one.
ARPABET = {
    **{"AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d", "DH": "ð"},
    **{"EH": "ɛ", "ER": "ɚ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "dʒ", "K": "k"},
    **{"L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ"},
    **{"T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ"},
}


@dataclass(frozen=True)
class TimedPhone:
    """One sound: phonetic sign, "" for silence; start and end in seconds."""

    ipa: str
    start_s: float
    end_s: float


@dataclass(frozen=True, eq=False)
class Phone:
    """A row of phones.csv: `target` (9,) in the order of TRACKS, and how strongly it holds jaw and lips."""

    target: Array
    jaw_pull: float
    lip_pull: float


@lru_cache(maxsize=1)
def phone_table() -> dict[str, Phone]:
    """All sounds by their sign; "" is silence: rest, and it holds."""
    text = (resources.files(__package__) / "phones.csv").read_text(encoding="utf-8")
    table = {"": Phone(np.zeros(len(TRACKS)), 0.6, 0.5)}
    for row in csv.DictReader(text.splitlines()):
        target = np.array([float(row[track]) for track in TRACKS])
        table[row["ipa"]] = Phone(target, float(row["jaw_pull"]), float(row["lip_pull"]))
    return table


def single_sounds(ipa: str) -> list[str]:
    """Split a phonetic string into signs of the table: "tʃ" → t ʃ; length, stress and tone are left out."""
    table = phone_table()
    return [sound for sign in ipa for sound in _SPELT.get(sign, sign) if sound in table]


def simple(phones: Sequence[TimedPhone]) -> list[TimedPhone]:
    """The same times with one sign of the table each: diphthongs and affricates share their time evenly.

    A sign without a known sound gives its time to the sound before it, at the start to silence.
    """
    found: list[TimedPhone] = []
    for phone in phones:
        sounds = single_sounds(phone.ipa) or ([""] if not phone.ipa or not found else [])
        if not sounds:
            found[-1] = TimedPhone(found[-1].ipa, found[-1].start_s, phone.end_s)
            continue
        edges = np.linspace(phone.start_s, phone.end_s, len(sounds) + 1)
        found += [TimedPhone(s, float(a), float(b)) for s, a, b in zip(sounds, edges[:-1], edges[1:], strict=True)]
    return found
