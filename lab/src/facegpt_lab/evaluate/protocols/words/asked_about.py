"""What a question is about, by word patterns: a baseline, and what stand-ins of tests read."""

from __future__ import annotations

import re

_NOUN_ASKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"pupil|interpupillary|\bipd\b|\bpd\b", ("interpupillary_distance",)),
    (r"philtrum|(nose|nostrils) (to|and) (the )?(upper lip|mouth|lips)", ("philtrum_length",)),
    (r"bridge|nasal root", ("nasal_bridge_length", "nose_bridge_height")),
    (r"(nose|nostril\w*|schnoz|conk|snout)\b.*\b(wide|width|broad|narrow|thin|breadth|across)|"
     r"(wide|width|broad|narrow|thin|breadth)\b.*\b(nose|nostrils|schnoz)", ("nose_breadth",)),
    (r"(nose)\b.*\b(long|length|short|tall)|(long|length|short)\b.*\bnose", ("nose_height_nasion_subnasale",)),
    (r"(nose)\b.*\b(stick|protru|flat|promin|depth|project)|(protru|promin|flat)\w*\b.*\bnose", ("nose_protrusion",)),
    (r"nose\b.*\b(straight|crooked|bent)|(straight|crooked|bent)\b.*\bnose", ("nose_crookedness",)),
    (r"nose\b.*\b(hook|aquiline|hump|bump|concave)|(hook|aquiline|hump|"
        r"bump)\w*\b.*\bnose", ("nose_bridge_convexity",)),
    (r"nose\b.*\b(upturned|snub|turned|droop)|(upturned|snub|droop)\w*\b.*\bnose", ("nose_tip_elevation",)),
    (r"\b(tip)\b", ("nose_tip_width", "nose_tip_elevation")),
    (r"nose|nasal|schnoz|conk|snout", ("nose_size",)),
    (r"eyes?\b.*\b(apart|spac|close|set|between|distance)|(between|apart|distance)\b.*\beyes?", ("eye_spacing",)),
    (r"eyes?\b.*\b(tilt|slant|upturn|down|cat)|(tilt|slant)\w*\b.*\beyes?", ("eye_tilt",)),
    (r"eyes?\b.*\b(deep|sunken|bulg|protrud)|(deep|sunken|bulging)\b.*\beyes?", ("eye_depth",)),
    (r"eye ?colou?r|colou?r\b.*\b(eyes?|iris)|\biris", ("iris_lightness",)),
    (r"hooded|eyelid|lids", ("lid_hooding",)),
    (r"bags|under (the|her|his|their) eyes", ("eye_bags",)),
    (r"\beyes?\b", ("eye_size", "eye_spacing")),
    (r"eyebrow|brows?\b", ("brow_thickness", "brow_height")),
    (r"upper lip", ("upper_vermilion_height",)),
    (r"lower lip", ("lower_vermilion_height",)),
    (r"\blips?\b.*\b(full|thick|thin|plump)|(full|thick|thin|plump)\w*\b.*\blips?|\blips\b",
     ("upper_vermilion_height", "lower_vermilion_height")),
    (r"\bmouth\b", ("lip_length",)),
    (r"jaw\b.*\b(square|angular|tapered)|(square|angular)\b.*\bjaw", ("jaw_squareness", "bigonial_breadth")),
    (r"\bjaw", ("bigonial_breadth",)),
    (r"cheekbones?", ("cheekbone_prominence", "bizygomatic_breadth")),
    (r"cheeks?\b", ("cheek_fullness",)),
    (r"\bchin", ("chin_height", "chin_protrusion")),
    (r"forehead\b.*\b(high|tall|height|low)|(high|tall|low)\b.*\bforehead", ("forehead_height",)),
    (r"forehead", ("minimum_frontal_breadth", "forehead_height")),
    (r"\bears?\b.*\b(stick|protru|jut|out)", ("ear_protrusion",)),
    (r"\bears?\b", ("ear_length", "ear_protrusion")),
    (r"\bneck\b", ("neck_circumference",)),
    (r"face\b.*\b(wide|width|broad|narrow)|(wide|width|broad|narrow)\b.*\bface", ("bizygomatic_breadth",)),
    (r"face\b.*\b(long|length|short|tall|high)|(long|length|short|tall)\b.*\bface", ("menton_sellion_length",)),
    (r"face shape|shape of (the|her|his|their) face", ("bizygomatic_breadth", "menton_sellion_length",
                                                        "bigonial_breadth")),
    (r"symmetr|lopsided|even\b", ("asymmetry",)),
    (r"head\b.*\b(big|size|large|small|circumference|hat|helmet)|(hat|helmet) size|circumference", ("head_size",)),
    (r"skull", ("head_size",)),
    (r"\bhair|bald|blond|brunette|grey|gray", ("hair_length", "hair_lightness", "hair_greyness")),
    (r"beard|shav|stubble|facial hair", ("beard", "moustache")),
    (r"mou?stache", ("moustache",)),
    (r"skin|complexion", ("skin_lightness",)),
    (r"freckle", ("freckles",)),
    (r"wrinkle|lines\b", ("wrinkles",)),
    (r"\b(age|old|young|older|younger|years)\b", ("age_years",)),
    (r"\b(fat|thin|heavy|weight|build|chubby|slim|overweight|plump)\b", ("heaviness",)),
    (r"\b(masculine|feminine|man or|male or|gender|sex|boy or)\b", ("masculinity",)),
    (r"laugh|express|emotion|feel|mood|smil|happy|sad|"
     r"angry|surpris|afraid|scared|disgust|frown|laugh|look\w* (like )?(she|he|"
     r"they)('s| is|'re| are)|doing with|mouth open|eyes (open|closed|shut)|going on in",
     ("expression",)),
    (r"unusual|special|stands? out|out of the ordinary|\bodd\b|weird|furthest from|every (?:measure|number)|"
     r"pick (?:him|her|them|me) out|sum up|tell me about (?:her|his|the|this) (?:face|head)|distinct|remarkable|"
     r"characteristic|notable|striking|differs? from (the )?average|"
     r"most extreme|anything odd|interesting", ("unusual",)),
    (r"how many|number of|count", ("count",)),
)  # fmt: skip
#: A question matched by one of these is not matched again by a more general one of the same part.
_SPECIFIC_FIRST = ("nose", "eye", "jaw", "ear", "face", "lip", "forehead", "philtrum", "brow")


def asked_about(question: str) -> tuple[str, ...]:
    """What a question is about, by word patterns: names of measures, attributes, "expression", and so on."""
    text = question.lower()
    asked: dict[str, None] = {}
    seen: set[str] = set()
    for pattern, names in _NOUN_ASKS:
        if not re.search(pattern, text):
            continue
        part = next((p for p in _SPECIFIC_FIRST if p in pattern[:24]), "")
        if part and part in seen:
            continue
        seen.add(part)
        asked |= dict.fromkeys(names)
    general = {"unusual", "count"}
    if set(asked) - general and "unusual" in asked and not re.search(r"unusual|stand|distinct|special", text):
        del asked["unusual"]  # "anything interesting about the nose?"
    return tuple(asked)
