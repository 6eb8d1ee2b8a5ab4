"""What an avatar's folder says in words: a model card, and a note on whose face it is and where it came from."""

from __future__ import annotations

from typing import Any


def model_card(about: dict[str, Any]) -> str:
    """MODEL_CARD.md of what avatar.json holds."""
    figures = "\n".join(f"| {name} | {value:.4g} |" for name, value in about["figures"].items()) or "| none | |"
    tuned = "yes" if about["adapter"] else "no"
    return f"""# {about["name"]}: a personal head

A head model of one person, made by `facegpt personalize` on the machine of whoever ran it; nothing was uploaded.

- model: `{about["model_id"]}`, on `{about["base"]}` (CC0); state: {about["state"]}; made: {about["made"]}
- holds: neutral shape, expression units, skin, roughness, a recognition descriptor; an encoder tuned to them: {tuned}
- for: tracking this person, animating their head. Not for telling who somebody is, and not for anybody else's face.
- limits: what the clips did not show (the back of the head, the scalp under hair, the inside of the mouth) is the head
  model's guess; hair is not modelled; the skin is free of the clips' light only as far as nine harmonics tell it.

| figure | value |
|---|---|
{figures}
"""


def consent_note(about: dict[str, Any]) -> str:
    """CONSENT.md: whose face, from which files, when."""
    files = "\n".join(
        f"- `{one['file']}`: {one['frames']} frames, {one['used']} used; sha256 {one['fingerprint'][:16] or 'none'}"
        for one in about["sources"]
    )
    return f"""# Whose face this is

This folder holds the likeness of **{about["name"]}**: shape and skin of the face, and numbers by which a program can
tell it from others. In many countries such data are biometric and need the consent of the person.

Made on {about["made"]} from:

{files}

Keep it only as long as {about["name"]} agrees. Deleting the folder deletes all of it.

- [ ] {about["name"]} has agreed to this use. Name, date:
"""
