"""The talker inside the package: the base's words to the token, how sure it is, and no circles."""

from __future__ import annotations

import pytest
import torch

from facegpt.language.talkers.embedded import MOST_TOKENS, RUN, EmbeddedTalker, goes_in_circles


class Speaker:
    """Says some pieces, one token each, with log-probabilities."""

    def __init__(self, *pieces: tuple[str, float]) -> None:
        self.pieces, self.heard = pieces, []

    def spoken(self, messages, say):
        self.heard.append(messages)
        for piece, _ in self.pieces:
            say(piece)
        return "".join(piece for piece, _ in self.pieces), [sure for _, sure in self.pieces]

    def count_tokens(self, text):
        said = ""
        for k, (piece, _) in enumerate(self.pieces):
            if said == text:
                return k
            said += piece
        return len(self.pieces)


def test_how_sure_it_is_is_told_of_the_first_sentence_alone():
    speaker = Speaker(("It is", -0.1), (" Rome.", -0.7), (" And", -0.2), (" so.", -5.0))
    spoken = EmbeddedTalker(speaker).speak([{"role": "user", "content": "what?"}], lambda piece: None)
    assert spoken.text == "It is Rome. And so." and spoken.sure == -0.7


def test_circles_end_an_answer():
    line = "so it goes on and on and nobody knows when it will end. "
    spoken = EmbeddedTalker(Speaker(*[(line, 0.0)] * 20)).speak([], lambda piece: None)
    assert spoken.text == line.strip()
    assert not goes_in_circles("one two three four five six seven eight nine ten " * 1 + " ".join(map(str, range(RUN))))


def test_an_answer_that_is_cut_ends_with_its_last_full_sentence_and_one_that_ended_is_whole():
    said: list[str] = []
    pieces = [("Skin is 2.5 mm thick. ", -0.1), *((f" {k}", -0.1) for k in range(MOST_TOKENS - 1))]
    cut = EmbeddedTalker(Speaker(*pieces)).speak([], said.append)
    assert cut.text == "Skin is 2.5 mm thick." == "".join(said).strip()
    assert EmbeddedTalker(Speaker(("Two: ", -0.1), ("red\nblue", -0.1))).speak([], said.append).text == "Two: red\nblue"


def test_a_sentence_that_says_nothing_new_is_left_out():
    first = "Skin loses collagen and elastin with time, so that wrinkles appear. "
    again = "Without elastin and collagen wrinkles appear with time."
    spoken = EmbeddedTalker(Speaker((first, -0.1), (again, -0.1))).speak([], lambda piece: None)
    assert spoken.text.strip() == first.strip()


@pytest.mark.slow
def test_with_silent_adapters_the_words_are_those_of_the_base_and_so_are_their_probabilities(shipped_words):
    from transformers import AutoModelForCausalLM

    from facegpt.language.model.base import SMOLLM2, cached_base

    language, prompt = shipped_words, [{"role": "user", "content": "Name three colours."}]
    text, likely = language.spoken(prompt, max_new_tokens=10)
    base = AutoModelForCausalLM.from_pretrained(cached_base(SMOLLM2)).to(next(language.model.parameters()).dtype).eval()
    ids = torch.tensor([language.processor(prompt, ask_face=False).ids])
    with torch.inference_mode():
        out = base.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=10, do_sample=False)
        logits = base(out).logits[0, ids.shape[1] - 1 : -1].float()
    assert text == language.processor.decode(out[0, ids.shape[1] :].tolist())
    chosen = logits.log_softmax(-1).gather(1, out[0, ids.shape[1] :, None])[:, 0]
    assert likely == pytest.approx(chosen.tolist(), abs=2e-2)
