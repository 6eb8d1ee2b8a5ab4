"""The tables of keyword_parser.py: nouns, adjectives, degrees, phrases, emotions and movements. Names: LABELS.md."""

from __future__ import annotations


def _spread(lines: str) -> dict[str, str]:
    """Read lines "meaning: word, word" into word → meaning; each meaning is a word of itself."""
    table: dict[str, str] = {}
    for line in lines.strip().splitlines():
        meaning, words = (part.strip() for part in line.split(":"))
        table |= {meaning: meaning} | {word.strip(): meaning for word in words.split(",") if word.strip()}
    return table


#: Nouns of the face; several words for one part are one.
NOUNS = _spread("""
nose: noses, schnoz, conk, hooter, snout, beak
bridge:
tip:
nostrils: nostril
eyes: eye, peepers
lids: lid, eyelids, eyelid
iris: irises
brows: brow, eyebrow, eyebrows
mouth: gob
lips: lip
chin: chins
jaw: jawline, jaws, mandible
cheeks: cheek
cheekbones: cheekbone
forehead: brow line, foreheads
face: features, visage, mug
head: skull, noggin
ears: ear, lugs, lugholes
neck: throat
philtrum:
skin: complexion
hair:
beard:
""")

#: Words that say the same, under the plainest.
ALIKE = _spread("""
big: large, huge, enormous, massive, giant, gigantic, great, oversized, sizeable, sizable, whopping, larger, larg
small: little, tiny, petite, undersized, dainty, wee, teeny, minute, smal
wide: broad, widely, wid, wides, broadly
narrow: slim, slender, thin, skinny, lean, thinn
long: elongated, lengthy
short: stubby, shor
tall: high, hig
low: lowish
full: thick, plump, fleshy, fat, pouty, luscious, voluminous, puffy
flat: flattened, squashed
prominent: protruding, jutting, projecting, strong, protuberant, pronounced, bold
weak: receding, recessed, retreating, undershot
hooked: aquiline, roman, hawkish, beaky, convex, humped, bumpy
scooped: concave, ski jump, dished
upturned: snub, button, turned, perky
droopy: drooping, hanging, downturned, downward
bulbous: round, rounded, roundish
pointed: sharp, pinched, pointy, tapered
crooked: broken, bent, wonky
straight:
close: closely, together
far: apart, spaced
deep: sunken, hollow, hollowed, sunk, gaunt
bulging: bulgy, bug, goggle
hooded: heavy, droopy lidded
slanted: almond, cat, tilted, upslanting
square: boxy, angular, squared, squarish
sharp edged: defined, chiselled, chiseled, sculpted, snatched
soft: double, weak lined
chubby: chubbier, podgy, pudgy
sloping: slanting back, sloped
arched: curved
bushy: heavy browed, thickset, unruly
jug: sticking, protruding out, sticky out
cleft: dimpled
asymmetrical: asymmetric, lopsided, uneven
symmetrical: symmetric, even
pale: fair, light, white, ivory, porcelain, pasty, light skinned
dark: brown, black, ebony, deep brown, tanned, tan, swarthy, olive
ruddy: rosy, red, flushed, reddish
sallow: pallid, ashen
freckled: freckly
wrinkled: wrinkly, lined, creased, weathered
smooth: unlined
blond: blonde, golden, flaxen, sandy
grey: gray, greying, graying, silver, salt
ginger: auburn, copper
""")


def _traits(lines: str) -> dict[str, dict[str, tuple[tuple[str, float], ...]]]:
    """Read lines "noun: word+ name, word- name": adjective, side, attribute."""
    table: dict[str, dict[str, tuple[tuple[str, float], ...]]] = {noun: {} for noun in set(NOUNS.values())}
    for line in lines.strip().splitlines():
        noun, rest = (part.strip() for part in line.split(":"))
        for item in rest.split(","):
            words, name = item.strip().rsplit(" ", 1)
            word, side = words[:-1], 1.0 if words[-1] == "+" else -1.0
            table[noun][word] = (*table[noun].get(word, ()), (name, side))
    return table


#: noun → adjective → ((attribute, side), …).
ADJECTIVES = _traits("""
nose: big+ nose_size, small- nose_size, wide+ nose_width, narrow- nose_width, long+ nose_length, short- nose_length
nose: flat- nose_protrusion, flat- nose_bridge_height, prominent+ nose_protrusion, hooked+ nose_bridge_convexity
nose: scooped- nose_bridge_convexity, upturned+ nose_tip_elevation, droopy- nose_tip_elevation, full+ nose_width
nose: bulbous+ nose_tip_width, pointed- nose_tip_width, crooked+ nose_crookedness, straight- nose_crookedness
bridge: tall+ nose_bridge_height, low- nose_bridge_height, flat- nose_bridge_height, wide+ nose_bridge_width
bridge: narrow- nose_bridge_width, hooked+ nose_bridge_convexity, scooped- nose_bridge_convexity
tip: upturned+ nose_tip_elevation, droopy- nose_tip_elevation, bulbous+ nose_tip_width, wide+ nose_tip_width
tip: pointed- nose_tip_width, narrow- nose_tip_width
nostrils: big+ nostril_size, wide+ nostril_size, small- nostril_size, narrow- nostril_size
eyes: big+ eye_size, small- eye_size, wide+ eye_height, bulbous+ eye_height, narrow- eye_height, close- eye_spacing
eyes: far+ eye_spacing, deep+ eye_depth, bulging- eye_depth, prominent- eye_depth, hooded+ lid_hooding
eyes: slanted+ eye_tilt, upturned+ eye_tilt, droopy- eye_tilt, long+ eye_width, pale+ iris_lightness
eyes: dark- iris_lightness, grey+ iris_lightness, short- eye_width
lids: hooded+ lid_hooding, full+ lid_hooding
iris: pale+ iris_lightness, dark- iris_lightness
brows: full+ brow_thickness, bushy+ brow_thickness, big+ brow_thickness, narrow- brow_thickness, tall+ brow_height
brows: low- brow_height, arched+ brow_arch, straight- brow_arch, flat- brow_arch, hooded+ brow_ridge
mouth: big+ mouth_width, wide+ mouth_width, small- mouth_width, narrow- mouth_width, droopy- mouth_corners
mouth: upturned+ mouth_corners
lips: full+ upper_lip_fullness, full+ lower_lip_fullness, narrow- upper_lip_fullness, narrow- lower_lip_fullness
lips: big+ upper_lip_fullness, big+ lower_lip_fullness, small- mouth_width, wide+ mouth_width
chin: big+ chin_height, big+ chin_protrusion, long+ chin_height, tall+ chin_height, short- chin_height
chin: prominent+ chin_protrusion, weak- chin_protrusion, wide+ chin_width, narrow- chin_width, pointed- chin_width
chin: cleft+ chin_cleft, smooth- chin_cleft, small- chin_height, soft- jawline_definition, square+ chin_width
jaw: wide+ jaw_width, narrow- jaw_width, square+ jaw_squareness, pointed- jaw_squareness, prominent+ jaw_width
jaw: sharp edged+ jawline_definition, soft- jawline_definition, big+ jaw_width, small- jaw_width
cheeks: full+ cheek_fullness, chubby+ cheek_fullness, bulbous+ cheek_fullness, deep- cheek_fullness
cheeks: narrow- cheek_fullness, ruddy+ skin_redness, freckled+ freckles
cheekbones: tall+ cheekbone_prominence, prominent+ cheekbone_prominence, flat- cheekbone_prominence
cheekbones: low- cheekbone_prominence, wide+ face_width, sharp edged+ cheekbone_prominence
forehead: tall+ forehead_height, big+ forehead_height, low- forehead_height, short- forehead_height
forehead: wide+ forehead_width, narrow- forehead_width, sloping+ forehead_slope, weak+ forehead_slope
forehead: straight- forehead_slope, bulging- forehead_slope, small- forehead_height, long+ forehead_height
face: wide+ face_width, narrow- face_width, long+ face_length, short- face_length, square+ jaw_squareness
face: square+ jaw_width, chubby+ heaviness, full+ heaviness, bulbous+ face_width, bulbous+ cheek_fullness
face: asymmetrical+ asymmetry, symmetrical- asymmetry, deep- cheek_fullness, freckled+ freckles, wrinkled+ wrinkles
face: smooth- wrinkles, pale+ skin_lightness, ruddy+ skin_redness
head: big+ head_size, small- head_size
ears: big+ ear_size, small- ear_size, long+ ear_size, jug+ ear_protrusion, prominent+ ear_protrusion
ears: close- ear_protrusion, flat- ear_protrusion
neck: full+ neck_width, wide+ neck_width, narrow- neck_width, long+ neck_length, short- neck_length
philtrum: long+ philtrum_length, short- philtrum_length
skin: pale+ skin_lightness, dark- skin_lightness, ruddy+ skin_redness, sallow- skin_redness, freckled+ freckles
skin: wrinkled+ wrinkles, smooth- wrinkles
hair: long+ hair_length, short- hair_length, blond+ hair_lightness, pale+ hair_lightness, dark- hair_lightness
hair: grey+ hair_greyness, ginger+ hair_redness, ruddy+ hair_redness, narrow- hair_length
beard: full+ beard, big+ beard, long+ beard, short+ beard, bushy+ beard, grey+ hair_greyness
""")

DEGREES = {
    **dict.fromkeys(("slightly", "bit", "somewhat", "faintly", "touch", "tad", "mildly", "hint", "little"), 0.5),
    **dict.fromkeys(("rather", "quite", "really", "pretty", "fairly", "notably", "clearly", "much", "lot"), 1.5),
    **dict.fromkeys(("very", "extremely", "super", "incredibly", "hugely", "exceptionally", "unusually", "so"), 2.0),
    **dict.fromkeys(("huge", "enormous", "massive", "giant", "tiny", "gigantic", "way", "absolutely", "ultra"), 2.0),
}
NEGATIONS = {"not", "no", "without", "isn't", "aren't", "never", "nor", "don't", "doesn't", "hasn't", "hardly"}


def _phrases(lines: str) -> dict[str, dict[str, float]]:
    """Read lines "name degree, name degree: phrase, phrase"."""
    table: dict[str, dict[str, float]] = {}
    for line in lines.strip().splitlines():
        traits, words = (part.strip() for part in line.split(":"))
        pairs = [item.rsplit(" ", 1) for item in traits.split(", ")]
        for phrase in words.split(", "):
            table[phrase] = {name: float(degree) for name, degree in pairs}
    return table


#: Phrases of the whole person and idioms.
PHRASES = _phrases("""
heaviness 1: fat, heavy, heavyset, heavy set, plump, chubby, overweight, obese, stout, portly, tubby, chunky, stocky
heaviness 1: fatter, heavier, plumper, burly
heaviness -1: slim, slender, skinny, thin, bony, lean, gaunt, underweight, scrawny, thinner, slimmer, leaner, skinnier
heaviness -1: wiry, lanky
masculinity 1: masculine, manly
masculinity -1: feminine, womanly, girly
age 1: older, ten years older, age her, age him
age -1: younger, ten years younger
cheek_fullness 1, age -1: baby face, baby faced
skin_lightness 1: pale, fair skinned, white skinned, light skinned, pasty
skin_lightness -1: dark skinned, black woman, black man, brown skinned
skin_redness 1: ruddy, rosy cheeks, red faced, flushed
freckles 1: freckles, freckled, freckly
wrinkles 1: wrinkles, wrinkled, wrinkly, crow's feet, weathered
beard 1: beard, bearded
beard 0.5: stubble, unshaven, goatee, five o'clock shadow
moustache 1: moustache, mustache, tash
beard -1, moustache -1: clean shaven, no facial hair
hair_length -2: bald, bald headed, hairless, shaved head, shaven head
hair_length -1: balding, crew cut, buzz cut, cropped hair, close cropped
hair_length 1: shoulder length hair
hair_lightness 1: blond, blonde, fair haired
hair_lightness -1: brunette, dark haired, brown hair, black haired
hair_redness 1: ginger, redhead, red haired, red head
hair_greyness 1: grey haired, gray haired, white haired
hair_greyness 2: white hair
iris_lightness 1: blue eyes, blue eyed, light eyes, grey eyes, gray eyes
iris_lightness 0.5: green eyes, hazel eyes
eye_bags 1: bags under, puffy under, eye bags, eyebags
nose_size -1, nose_tip_elevation 1: button nose
jaw_width 1, chin_protrusion 1: lantern jaw, lantern jawed
jaw_squareness 1, jaw_width 1: square jawed
forehead_width 1, chin_width -1: heart shaped
face_width 1, face_length -0.5, cheek_fullness 1: round face
face_width 1, cheek_fullness 1.5: moon face
jawline_definition -1, heaviness 0.5: double chin
ear_protrusion 1.5: jug ears, ears that stick out, jug eared
eye_size 1.5: doe eyes, doe eyed, saucer eyes, bambi eyes
eye_size -1: beady eyes
eye_depth -1.5: bug eyed
neck_width 1.5: bull neck
cheek_fullness -1: hollow cheeked, sunken cheeks
nose_crookedness 1: crooked nose, broken nose
eye_spacing -1: close set eyes, eyes close together
eye_spacing 1: wide set eyes, eyes far apart, wide set
""")

WOMEN = {
    *("woman", "women", "female", "girl", "lady", "she", "her", "herself", "mother", "mum", "mom", "grandmother"),
    *("grandma", "granny", "aunt", "sister", "daughter", "wife", "queen", "princess", "nun", "waitress", "actress"),
    *("witch", "duchess", "ma'am", "gal", "lass", "bride", "heroine", "widow", "goddess", "f", "businesswoman"),
}
MEN = {
    *("man", "men", "male", "boy", "guy", "gentleman", "he", "him", "his", "himself", "father", "dad", "grandfather"),
    *("grandpa", "grandad", "uncle", "brother", "son", "husband", "king", "prince", "monk", "waiter", "actor", "dude"),
    *("bloke", "chap", "lad", "wizard", "duke", "sir", "groom", "hero", "widower", "god", "m", "fella", "businessman"),
}
#: Words → emotion; a phrase of two words that names a compound wins because it is longer.
EMOTIONS = {
    word: emotion
    for emotion, words in {
        "happiness": "happy, happiness, joyful, cheerful, delighted, glad, joy, smiling, grinning, laughing, beaming, "
        "merry, pleased, jolly, overjoyed, happily, amused, elated, content, ecstatic, laugh",
        "sadness": "sad, sadness, unhappy, crying, tearful, miserable, sorrowful, grieving, depressed, gloomy, "
        "weeping, heartbroken, sorrow, melancholy, downcast, upset, mournful, in tears",
        "surprise": "surprised, surprise, astonished, amazed, startled, shocked, stunned, astonishment, gobsmacked",
        "fear": "afraid, fear, fearful, scared, terrified, frightened, terror, panicked, panic, horrified, anxious, "
        "nervous, petrified, worried",
        "anger": "angry, anger, furious, mad, enraged, rage, livid, cross, irate, fuming, seething, annoyed",
        "disgust": "disgusted, disgust, revolted, repulsed, grossed out, sickened, nauseated",
        "contempt": "contempt, contemptuous, scornful, disdainful, smug, sneering, smirking, scorn, disdain, smirk",
        "happily surprised": "happily surprised, pleasantly surprised, delighted surprise, joyfully surprised",
        "happily disgusted": "happily disgusted, amused disgust",
        "sadly fearful": "sadly fearful, sad and afraid, sad and scared",
        "sadly angry": "sadly angry, sad and angry, hurt and angry",
        "sadly surprised": "sadly surprised, sad and surprised",
        "sadly disgusted": "sadly disgusted, sad and disgusted",
        "fearfully angry": "fearfully angry, angry and afraid, scared and angry, angry and scared",
        "fearfully surprised": "fearfully surprised, scared and surprised, shocked and scared",
        "fearfully disgusted": "fearfully disgusted, scared and disgusted",
        "angrily surprised": "angrily surprised, angry and surprised",
        "angrily disgusted": "angrily disgusted, angry and disgusted",
        "disgustedly surprised": "disgustedly surprised, disgusted and surprised",
        "appalled": "appalled, aghast",
        "hatred": "hatred, hate, hateful, loathing",
        "awed": "awed, awe, awestruck, in awe, awe struck",
        "neutral": "neutral, expressionless, deadpan, poker face, at rest, relaxed, blank",
    }.items()
    for word in words.split(", ")
}


def _both(name: str) -> tuple[str, ...]:
    return name + "Left", name + "Right"


#: Pattern in the text → blendshapes that it names.
UNITS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r" (smil\w+|grin\w*) ", _both("mouthSmile")),
    (r" (frown\w*) ", _both("mouthFrown")),
    (r" (scowl\w*|furrowed brow\w*|knitted brow\w*|lowered (?:eye)?brows?) ", _both("browDown")),
    (r" ((?:raised|lifted) (?:\w+ )?(?:eye)?brows?|(?:eye)?brows? (?:are )?(?:raised|up)) ",
     ("browInnerUp", *_both("browOuterUp"))),
    (r" (eyes? (?:are |is )?(?:shut|closed)|(?:shut|closed|closing) \w* ?eyes?|wink\w*|blink\w*) ", _both("eyeBlink")),
    (r" (squint\w*|narrowed eyes) ", _both("eyeSquint")),
    (r" (wide eyed|eyes wide|widened eyes|eyes popping) ", _both("eyeWide")),
    (r" (mouth (?:is )?(?:wide )?open|open (?:mouth\w*|jaw)|jaw dropp\w+|dropped jaw|gaping|agape|yawn\w*) ",
     ("jawOpen",)),
    (r" (pout\w*|kiss\w*|pursed lips|puckered(?: lips)?|duck face) ", ("mouthPucker",)),
    (r" ((?:pressed|tight) lips|lips pressed|tight lipped) ", _both("mouthPress")),
    (r" ((?:wrinkled|scrunched) (?:up )?nose|nose wrinkled|sneer\w*) ", _both("noseSneer")),
    (r" (bared teeth|baring (?:\w+ )?teeth|showing (?:\w+ )?teeth) ", 
     (*_both("mouthUpperUp"), *_both("mouthLowerDown"))),
    (r" ((?:puffed|blown|puffing) (?:out |up )?(?:\w+ )?cheeks|cheeks puffed) ", ("cheekPuff",)),
    (r" (tongue (?:sticking |poking )?out|stick\w* out (?:\w+ )?tongue) ", ("tongueOut", "jawOpen")),
    (r" (smirk\w*) ", _both("mouthSmile")),
    (r" (looking up) ", _both("eyeLookUp")),
    (r" (looking down) ", _both("eyeLookDown")),
)  # fmt: skip

#: Pattern → blendshapes that must be near 0.
UNITS_OFF: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r" (clos(?:e|ed|ing) (?:(?:the|his|her|their) )?mouth|mouth (?:is )?(?:shut|closed)|shut (?:\w+ )?mouth) ",
        ("jawOpen",),
    ),
    (r" (stop smiling|(?:no|without a) smile|unsmiling) ", _both("mouthSmile")),
    (r" (open (?:the |his |her |their )?eyes|eyes open) ", _both("eyeBlink")),
)

#: Words behind a number → (what of the part, side); and the measure of part and dimension.
DIMENSIONS: dict[str, dict] = {
    "change": {
        **dict.fromkeys(("wider", "broader", "further"), ("wide", 1)),
        **dict.fromkeys(("narrower", "closer"), ("wide", -1)),
        **dict.fromkeys(("longer", "taller", "higher", "bigger", "larger"), ("long", 1)),
        **dict.fromkeys(("shorter", "smaller"), ("long", -1)),
        **dict.fromkeys(("thicker", "fuller"), ("full", 1)),
        **{"thinner": ("full", -1)},
    },
    "verb": {
        "widen": ("wide", 1), "narrow": ("wide", -1), "lengthen": ("long", 1), "shorten": ("long", -1),
        "enlarge": ("long", 1), "shrink": ("long", -1), "reduce": ("long", -1),
    },
    "value": {"wide": "wide", "broad": "wide", "across": "wide", "long": "long", "high": "long", "apart": "wide"},
    "measure": {
        "nose wide": "nose_breadth", "nose long": "nose_height_nasion_subnasale", "nose full": "nose_breadth",
        "nose": "nose_breadth", "mouth": "lip_length", "lips full": "lower_vermilion_height", "lips": "lip_length",
        "jaw": "bigonial_breadth", "chin": "menton_sellion_length", "face wide": "bizygomatic_breadth",
        "face long": "menton_sellion_length", "face": "bizygomatic_breadth", "head wide": "head_breadth",
        "head long": "head_length", "head": "head_circumference", "ears": "ear_length", "neck": "neck_circumference",
        "eyes wide": "inner_canthal_distance", "eyes long": "palpebral_fissure_length",
        "eyes": "interpupillary_distance", "forehead": "minimum_frontal_breadth", "philtrum": "philtrum_length",
        "cheekbones": "bizygomatic_breadth", "bridge": "nasal_root_breadth",
    },
}  # fmt: skip
