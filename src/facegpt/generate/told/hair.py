"""The parts of a wish for hair and beard as people say them: "grey, shoulder-length, wavy hair", "no beard"."""

from __future__ import annotations

from collections.abc import Sequence

#: Slot → value → words; what is not here is "slot: value". Slots of _BEFORE stand before "hair", in this order.
_CUTS = {name: f"a {name} cut" for name in ("buzz", "crew", "pixie", "bowl", "caesar")}
_CUTS |= {"bald": "bald", "short": "short hair", "loose": "loose hair", "slick": "slicked-back hair"}
_CUTS |= {"spiky": "spiky hair", "tail": "a ponytail", "low tail": "a low ponytail", "side part": "a side parting"}
_CUTS |= {name: name for name in ("curtains", "locs", "cornrows", "braids", "pigtails")}
_CUTS |= {"two plaits": "two plaits", "half up": "hair half up", "undercut": "an undercut", "updo": "an updo"}
_CUTS |= {"afro": "an afro", "wreath": "a wreath of hair around a bald crown"}
_WORDS: dict[str, dict[str, str]] = {
    "kind": _CUTS,
    "length": {"chin": "chin-length", "shoulder": "shoulder-length", "waist": "waist-length"},
    "curl change": {"more": "curlier", "less": "straighter"},
    "volume": {"full": "voluminous"},
    "grey": {"none": "not grey", "half": "half grey", "full": "grey", "temples": "grey at the temples"}
    | {"few": "with a few grey hairs"},
    "grey change": {"more": "greyer", "less": "less grey"},
    "sweep": {"back": "swept back", "forward": "swept forward"},
    "part": {"none": "not parted", "middle": "parted in the middle", "left": "parted on the left"}
    | {"right": "parted on the right"},
    "fringe": {"none": "no fringe", "curtain": "curtain bangs"},
    "hairline": {},
    "crown": {},
    "layers": {"layered": "layered", "one": "of one length"},
}
_BEFORE: tuple[str, ...] = (
    "tone",
    "colour",
    "grey",
    "grey change",
    "length",
    "length change",
    "volume",
    "curl",
    "curl change",
)
_BEFORE += ("finish", "layers")
#: Words that stand behind "hair".
_BEHIND = ("with ", "grey at", "of one", "not ")


def joined_hair(labels: Sequence[str]) -> tuple[str, frozenset[str]]:
    """What is said of the colour, length and curl of hair in one: the words, and the labels that they stand for."""
    parts = {label: tuple(label.removeprefix("hair ").split(": ")) for label in labels if label.startswith("hair ")}
    found = {part[0]: (label, part[1]) for label, part in parts.items() if len(part) == 2 and part[0] in _BEFORE}
    if found.get("length", ("", ""))[1] == "none":
        del found["length"]
    said = [_value(slot, found[slot][1]) for slot in _BEFORE if slot in found]
    return _hair(said) if said else "", frozenset(label for label, _ in found.values())


def hair_words(slot: str, value: str) -> str:
    """One part of a wish for hair: "length", "shoulder" is "shoulder-length hair"."""
    if slot == "length" and value == "none":
        return "no hair"
    said = _value(slot, value)
    if slot in _BEFORE:
        return _hair([said])
    if slot in ("highlights", "roots"):
        return f"no {slot}" if value == "none" else f"{value} {slot}"
    if value in _WORDS.get(slot, {}):
        return f"hair {said}" if slot in ("part", "sweep") else said
    return _one(said) if slot == "kind" else _one(f"{said} {slot}") if slot != "sides" else f"{said} sides"


def beard_words(slot: str, value: str) -> str:
    """One part of a wish for a beard, a moustache or sideburns: "beard", "none" is "no beard"."""
    part = slot.split()[0]
    if value == "none":
        return f"no {part}"
    if value in ("stubble", "goatee"):
        return "stubble" if value == "stubble" else "a goatee"
    plain = part if value == "plain" else f"{value} {part}"
    return plain if part == "sideburns" else _one(plain)


def _hair(said: Sequence[str]) -> str:
    before = [each for each in said if not each.startswith(_BEHIND)]
    behind = [each for each in said if each.startswith(_BEHIND)]
    return " ".join(filter(None, (", ".join(before), "hair", " and ".join(behind))))


def _value(slot: str, value: str) -> str:
    return _WORDS.get(slot, {}).get(value, value)


def _one(said: str) -> str:
    return f"{'an' if said[0] in 'aeiou' else 'a'} {said}"
