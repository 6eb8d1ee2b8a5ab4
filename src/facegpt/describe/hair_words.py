"""Hair, beard and the colour of the eyes in words."""

from __future__ import annotations

from dataclasses import replace

from facegpt.describe.colours_of_heads import hair_name, iris_name
from facegpt.describe.hair_readings import read_hair
from facegpt.glasses.worn import SUNGLASSES
from facegpt.hair.groom import curl_of
from facegpt.hair.presets import PRESETS, groom_of
from facegpt.hair.whiskers import hair_colour
from facegpt.types import SEEN_BALD, Array, FaceParams, Glasses, Hair

#: From which amount on a beard and a moustache are seen.
SEEN_BEARD, SEEN_MOUSTACHE = 0.1, 0.3
#: From which grey share on hair is called greying; changes of length and amount that are spoken of.
_GREYING, _LEAST_MM, _LEAST_SHARE, _LONG_BEARD_MM = 0.2, 4.0, 0.04, 45.0
_LEAST_MOUSTACHE = 0.15
#: The density of hair between the brows from which they meet.
_MEETING = 0.3
#: Readings of hair_length from which hair reaches so far.
_ENDS = ((1.8, "to the waist"), (1.3, "below the shoulders"), (0.8, "to the shoulders"), (-0.2, "to the jaw"))


def is_covered(params: FaceParams) -> bool:
    """Whether a hat, hood or scarf hides what hair there is: one that the head wears, or one that its photo shows."""
    return params.headwear is not None or (params.worn is not None and params.worn.headwear)


def hair_words(hair: Hair | None, has_colour: bool = True, covered: bool = False, is_seen_bald: bool = False) -> str:
    """Say style and colour of the hair, and beard and moustache; "" where nothing is known.

    has_colour: whether it was seen with colours; without, only how light it is is said. covered: whether something is
    worn over it: a head without hair under a hat is not told to be bald. is_seen_bald: as the function says.
    """
    if hair is None:
        return "The head is bald." if is_seen_bald else ""
    if covered and hair.style == "bald":
        face = _facial_hair(hair, has_colour)
        return f"{'It has ' + face + '. ' if face else ''}What hair is under the headwear can't be seen."
    style = _style_of(hair)
    tone = f"{hair_colour_word(hair)} hair, {style}" if has_colour else f"hair, {style}, of a colour that can't be told"
    head = "bald" if hair.style == "bald" else tone
    greying = ", greying" if _GREYING <= hair.grey < 0.6 and hair.style != "bald" else ""
    if hair.temples >= _GREYING and hair.temples > hair.grey + _GREYING and hair.style != "bald":
        greying = ", grey at the temples"
    rest = _facial_hair(hair, has_colour)
    start = f"The head is {head}" if head == "bald" else f"It has {head}{greying if has_colour else ''}"
    return f"{start}{', with ' + rest if rest else ''}."


def is_seen_bald(params: FaceParams) -> bool:
    """Whether a photo shows that a head has no hair."""
    return params.hair is None and params.worn is not None and params.worn.hair == SEEN_BALD


def _style_of(hair: Hair) -> str:
    """The style, with the curl where it is not the style's usual one."""
    curl = curl_of(groom_of(hair))
    usual = curl_of(PRESETS[hair.style].groom) if hair.style in PRESETS else ""
    return style_words(hair.style) if curl == usual else f"{curl}, {style_words(hair.style)}"


def style_words(style: str) -> str:
    """What people call a style behind "hair": its usual name ("crew cut"), without the word "hair" ("long wavy")."""
    name = PRESETS[style].words[0] if style in PRESETS else style.replace("_", " ")
    return " ".join(name.replace(" hair", " ").split())


def hair_colour_word(hair: Hair) -> str:
    """The name of the colour that hair has."""
    return hair_name(hair_colour(hair))


def _facial_hair(hair: Hair, has_colour: bool = True) -> str:
    """Say beard and moustache; "" for none."""
    long = "long " if hair.beard_mm >= _LONG_BEARD_MM else ""
    kind = {"goatee": "goatee", "chops": "pair of sideburns"}.get(hair.beard_shape, "beard")
    full = f"a {long}{hair_colour_word(hair.of_beard) + ' ' if has_colour else ''}{kind}"
    beard = "" if hair.beard < SEEN_BEARD else "stubble" if hair.beard < 0.5 and kind == "beard" else full
    return " and ".join(filter(None, (beard, "a moustache" if hair.moustache >= SEEN_MOUSTACHE else "")))


def beard_words(hair: Hair | None) -> str:
    """Say beard and moustache, also that there is none."""
    if hair is None:
        return "I know nothing about the hair of this head."
    return f"It has {_facial_hair(hair) or 'no beard and no moustache'}."


#: Parts of the names of styles that tie hair up.
_TIED = ("braid", "bun", "tail", "loc", "knot", "plait")


def hair_changes(before: Hair | None, after: Hair | None) -> list[str]:
    """Sentences on how hair and beard differ from before ("The hair is longer now."); none where they do not."""
    if after is None or before == after:
        return []
    if before is None:
        return [hair_words(after)]
    return [*_cut_changes(before, after), *_beard_changes(before, after), *_brow_changes(before, after)]


def _brow_changes(before: Hair, after: Hair) -> list[str]:
    if (after.brow_bridge >= _MEETING) == (before.brow_bridge >= _MEETING):
        return []
    return ["The brows meet now." if after.brow_bridge >= _MEETING else "The brows don't meet any more."]


def _cut_changes(before: Hair, after: Hair) -> list[str]:
    bare = replace(after, beard=0.0, moustache=0.0)
    if "bald" in (before.style, after.style):
        return [hair_words(bare)] if after.style != before.style else []
    was, now = (max(groom.top_mm, groom.sides_mm, groom.back_mm) for groom in (groom_of(before), groom_of(after)))
    looks = [
        (hair_colour_word(hair), hair.grey >= _GREYING, hair.temples >= _GREYING, hair.style, curl_of(groom_of(hair)))
        for hair in (before, after)
    ]
    if looks[0][-1] == looks[1][-1] and abs(now - was) > _LEAST_MM:
        length = f"The hair is {'longer' if now > was else 'shorter'} now{_reaching(after)}."
        another = looks[0][:3] != looks[1][:3] or any(word in after.style for word in _TIED)
        return [length, hair_words(bare)] if another else [length]
    return [hair_words(bare)] if looks[0] != looks[1] else []


def _reaching(hair: Hair) -> str:
    """Say how far loose hair hangs, as the steps of its length are defined (corpus/LABELS.md); "" for short hair."""
    reading = read_hair(hair)["hair_length"]
    return next((f", {end}" for least, end in _ENDS if reading >= least), "")


def _beard_changes(before: Hair, after: Hair) -> list[str]:
    if _facial_hair(after) != _facial_hair(before):
        return [beard_words(after)]
    if abs(after.beard_mm - before.beard_mm) > _LEAST_MM:
        return [f"The beard is {'longer' if after.beard_mm > before.beard_mm else 'shorter'} now."]
    if abs(after.beard - before.beard) > _LEAST_SHARE:
        return [f"The beard is {'fuller' if after.beard > before.beard else 'thinner'} now."]
    if abs(after.moustache - before.moustache) > _LEAST_MOUSTACHE:
        return [f"The moustache is {'fuller' if after.moustache > before.moustache else 'thinner'} now."]
    return []


def iris_words(colour: Array | None, glasses: Glasses | None = None) -> str:
    """Say the colour of the eyes by the linear RGB (3,) of the irises; "" where it is not known."""
    if glasses is not None and glasses.darkness >= SUNGLASSES:
        return "The colour of the eyes can't be seen behind the dark lenses."
    return "" if colour is None else f"The eyes are {iris_name(colour)}."
