"""Language alignment from start to end: `facegpt train words`. The recipe of the shipped adapter, or of another base.

1. Texts: the corpus and generated samples.
2. States of the frozen layers, once.  3. The face head on them.  4. Adapters and face embedding with it.
5. States of the adapted layers, and the face head on them again: a round of the head alone costs a fifth.
6. Thresholds on the validation sentences.

From an adapter (`start`) it goes on with 4, parameters averaged and the face embedding as it is, so that the states of
the layers below the adapters are kept for all texts; with `head_only` it goes on with 5, where the head learns some
four times as many texts a second.

Several processes (torchrun) share out the base's decoder layers and keep no states: sharding.py says how and why.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.language.model.adapter import load_adapter, save_adapter
from facegpt.language.model.base import SMOLLM2, base_tokenizer, cached_base
from facegpt.language.model.config import text_config
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.language.model.layers import can_split
from facegpt.language.model.processor import CHATML, FaceGPTProcessor
from facegpt.runtime.progress import Progress
from facegpt.types import FaceGPTError
from facegpt_lab.synthesis.text_targets import Target
from facegpt_lab.synthesis.texts.conversations import conversation_turns
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.synthesis.texts.dialogues import MIX, sample_at
from facegpt_lab.synthesis.texts.follow_ups import follow_ups
from facegpt_lab.synthesis.texts.movement_turns import movement_turns
from facegpt_lab.synthesis.texts.terse import terse_requests
from facegpt_lab.synthesis.texts.yes_or_no import yes_or_no
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.processes import join_processes
from facegpt_lab.train.words.calibrate import calibrate
from facegpt_lab.train.words.corpus_examples import example_from
from facegpt_lab.train.words.examples import EncodedExample, encode
from facegpt_lab.train.words.features import FrozenStates, checksum, digest_of_parts, write_states
from facegpt_lab.train.words.sample_examples import example_of
from facegpt_lab.train.words.sharding import mesh_of, place
from facegpt_lab.train.words.stages import TextStage
from facegpt_lab.train.words.turn_examples import examples_of_turn

_LONGEST_SAMPLE, _LONGEST_TURN = 120, 240
#: Of each expression unit the one that it is in a mirror.
_MIRRORED = np.array([ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES])
#: Of the validation texts that are scored while an adapter is trained further.
_EVERY_NTH = 4
_HEAD_DEPTHS = (0.3, 0.46, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class WordsSettings:
    """How the language part is trained.

    Attributes:
        base: folder or name of a base model; "" is the default base.
        start: an adapter file of that base to go on from; "" for none. head_only: its head alone learns on.
        samples: generated texts beside those of the corpus. follow_ups: generated turns that need those before them,
            beside those of the written conversations. movement_turns: those that say how strong a movement should be
            now. yes_or_no: generated questions for yes or no. terse: requests in the fewest words.
        sentences: of those of the corpus, and turns, at most; 0 for all (for trials).
        one_in: only every so many of the sentences and samples are learnt from, beside all turns.
        head_epochs: rounds over the texts with the base frozen.
        adapter_epochs, minutes: of the adapters' stage at most, or of a head's that learns on; 0 minutes for no limit.
        finish_epochs: rounds with the adapted base frozen.
        head_rate, adapter_rate: learning rates of the head alone and of head and adapters.
        tokens: of a batch, of which each process has one a step.
        precision: "float32" or "bfloat16". seed: of everything drawn.
        device: where the model runs: "cpu", "cuda" or "auto".
    """

    base: str = ""
    start: str = ""
    head_only: bool = False
    samples: int = 9500
    follow_ups: int = 6000
    movement_turns: int = 3000
    yes_or_no: int = 2500
    terse: int = 1500
    sentences: int = 0
    one_in: int = 1
    head_epochs: float = 3.0
    adapter_epochs: float = 1.0
    minutes: float = 0.0
    finish_epochs: float = 4.0
    head_rate: float = 1.5e-3
    adapter_rate: float = 6e-4
    tokens: int = 1100
    precision: str = "float32"
    seed: int = 0
    device: str = "cpu"


class WordsTraining:
    """One training run in a folder; a run that was stopped goes on where it was, with as many processes as it had.

    Args:
        folder: for states, logs, checkpoints and the result; the same one for all processes, of which the first writes.
        settings: as they were when it began.

    Attributes:
        processes: those of the run; this one may be alone.

    Raises:
        FaceGPTError: if the device is missing, or several processes cannot share out this base.
    """

    def __init__(self, folder: Path, settings: WordsSettings) -> None:
        self.folder, self.settings = folder, settings
        folder.mkdir(parents=True, exist_ok=True)
        self.processes = join_processes(settings.device)
        torch.manual_seed(settings.seed)
        mesh = mesh_of(self.processes)
        with self.processes.in_turns():  # so that a machine never holds the whole base more than once
            self.model, self.processor = build(settings.base, self._base_dtype())
            place(self.model, self.processes.device, mesh)
        self.processes.take_of_first(self.model.face_parts().values())
        self.pad = self.processor.tokenizer.pad_token_id or 0
        self.train = self._texts()
        self.validation = self._corpus("validation")
        self._check_texts()

    def run(self) -> dict[str, Any]:
        """Train, calibrate, save; give the scores on the validation sentences, in every process."""
        stage, adapted = self._go_on() if self.settings.start else self._all_stages()
        self.model.config.thresholds |= calibrate(stage.outputs(self.validation, adapted))
        scores = stage.validate(self.validation, adapted)
        card = {"settings": asdict(self.settings), "validation": scores.means(), "counts": scores.counts()}
        card["thresholds"] = self.model.config.thresholds
        self.processes.end()
        if self.processes.is_first:
            (self.folder / "card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
            self._save()
        return card

    def _base_dtype(self) -> torch.dtype:
        """The frozen base of what `precision` says; on one processor it stays float32, and autocast rounds it."""
        rounds = self.processes.count == 1 and self.processes.device == "cpu"
        return torch.bfloat16 if self.settings.precision == "bfloat16" and not rounds else torch.float32

    def _check_texts(self) -> None:
        """Make sure that the processes have the same texts: their batches are shared out by number."""
        digest = zlib.crc32(np.array([checksum(each) for each in [*self.train, *self.validation]]).tobytes())
        if self.processes.of_first(digest) != digest:
            raise FaceGPTError("the processes have different texts; start all from one version of the package")

    def _all_stages(self) -> tuple[TextStage, FrozenStates | None]:
        """The last stage and the states that it learnt from."""
        frozen = self._all_states("frozen") if can_split(self.model) else None
        self._head_stage(frozen, "head", self.settings.head_epochs)
        self._adapter_stage(frozen)
        return self._finish()

    def _go_on(self) -> tuple[TextStage, FrozenStates | None]:
        """Train an adapter further on kept states of the layers below it; or its head alone."""
        start = Path(self.settings.start)
        if self.settings.head_only:
            load_adapter(self.model, start)
            return self._finish(self.settings.minutes)
        stage = self._adapter_stage(None)
        return stage, stage.frozen

    def _finish(self, minutes: float = 0.0) -> tuple[TextStage, FrozenStates | None]:
        """Keep the states of the adapted layers, and train the head alone on them."""
        adapted = self._states_adapted() if can_split(self.model) else None
        return self._head_stage(adapted, "finish", self.settings.finish_epochs, minutes), adapted

    def _save(self) -> None:
        if self.settings.base:
            self._save_preparer()
            self._whole().save_pretrained(self.folder / "model")
            self.processor.tokenizer.save_pretrained(self.folder / "model")
        else:
            save_adapter(
                self.model, self.folder / "language_adapter.safetensors", SMOLLM2.sha256, "facegpt train words"
            )

    @torch.no_grad()
    def _whole(self) -> FaceGPTForConditionalGeneration:
        """The model with its base whole and in float32: read again, since it was frozen, rather than gathered."""
        if self.processes.count == 1 and self.model.base.dtype == torch.float32:
            return self.model
        whole, _ = build(self.settings.base)
        own = whole.face_parts()
        for name, value in self.model.face_parts().items():
            own[name].copy_(value)
        whole.config.thresholds = self.model.config.thresholds
        return whole

    def _save_preparer(self) -> None:
        """Keep beside the model what prepares pictures for a base that sees."""
        from transformers import AutoProcessor

        if self.model.config.base_kind == "image-text":
            with contextlib.suppress(OSError, ValueError):  # a base without one
                AutoProcessor.from_pretrained(self.settings.base).save_pretrained(self.folder / "model")

    def _corpus(self, split: str) -> list[EncodedExample]:
        records = load_corpus(split)
        if self.settings.sentences:
            records = records[:: max(1, len(records) // self.settings.sentences)]
        return [encode(example_from(record), self.processor) for record in records]

    def _texts(self) -> list[EncodedExample]:
        """The sentences of the corpus, and generated samples that don't repeat one another."""
        texts = self._corpus("train")
        mix = {kind: share for kind, share in MIX.items() if kind != "corpus"}
        seen: set[str] = set()
        index = 0
        while len(seen) < self.settings.samples:
            sample = sample_at(index, self.settings.seed + 1, mix)
            index += 1
            if sample.text in seen:
                continue
            seen.add(sample.text)
            found = encode(example_of(sample, f"sample/{index}"), self.processor)
            if len(found.ids) <= _LONGEST_SAMPLE:
                texts.append(found)
        one_in = self.settings.one_in
        return [*texts[self.settings.seed % one_in :: one_in], *self._turns()]

    def _turns(self) -> list[EncodedExample]:
        """Turns of the written conversations and generated ones, with the turns before them."""
        s = self.settings
        drawn = (
            follow_ups(s.follow_ups, s.seed),
            movement_turns(s.movement_turns, s.seed),
            yes_or_no(s.yes_or_no, s.seed),
            terse_requests(s.terse, s.seed),
        )
        turns = [*conversation_turns(), *itertools.chain(*drawn)]
        turns = turns[:: max(1, len(turns) // s.sentences)] if s.sentences else turns
        found = [encode(example, self.processor) for turn in turns for example in examples_of_turn(turn)]
        return [each for each in found if len(each.ids) <= _LONGEST_TURN]

    def _states_below(self) -> FrozenStates:
        """The states of the layers that the head sees below the adapters, and of what the first of these takes in."""
        first = self.model.config.lora_first_layer
        layers = sorted({first, *(k for k in self.model.config.head_layers if k <= first)})
        return self._states_of([*self.train, *self.validation], "below", layers)

    def _states_adapted(self) -> FrozenStates:
        """The states under the adapters; those of the layers below are taken from a run in this folder, if there."""
        every = [*self.train, *self.validation]
        below = _kept(self.folder / "below")
        whole = below and all(below.fits(each) for each in every) and below.parts == digest_of_parts(self.model, 0)
        return self._states_of(every, "adapted", None, below if whole else None)

    def _all_states(self, name: str) -> FrozenStates:
        return self._states_of([*self.train, *self.validation], name, None)

    def _states_of(
        self,
        texts: Sequence[EncodedExample],
        name: str,
        layers: list[int] | None,
        below: FrozenStates | None = None,
    ) -> FrozenStates:
        folder = self.folder / name
        known = _kept(folder)
        half = self.settings.precision == "bfloat16"
        with (
            self._progress(f"states of texts ({name})", len(texts)) as progress,
            torch.autocast(self.model.device.type, torch.bfloat16, enabled=half),
        ):
            return write_states(self.model, texts, folder, self.pad, layers, progress, below, known)

    def _stage(self, frozen: FrozenStates | None, seed: int, adapt: bool = False) -> TextStage:
        of_all: dict[str, Any] = {"tokens": self.settings.tokens, "processes": self.processes}
        return TextStage(self.model, self.train, self.pad, frozen, adapt, seed=seed, **of_all)

    def _progress(self, label: str, total: int) -> Progress:
        """A bar that the first process alone shows."""
        return Progress(label, total, None if self.processes.is_first else io.StringIO())

    def _head_stage(self, frozen: FrozenStates | None, name: str, epochs: float, minutes: float = 0.0) -> TextStage:
        s = self.settings
        stage = self._stage(frozen, seed=s.seed)
        stage.repeats = [repeats_of(each) for each in self.train]
        stage.choose_parameters()
        if name == "head":
            stage.standardise()
        self._train(stage, name, epochs, s.head_rate, minutes, frozen)
        return stage

    def _adapter_stage(self, frozen: FrozenStates | None) -> TextStage:
        s = self.settings
        stage = self._stage(frozen, adapt=True, seed=s.seed + 1)
        if s.start:
            stage.embed = False
            stage.repeats = [repeats_of(each) for each in self.train]
            load_adapter(self.model, Path(s.start))
            stage.frozen = self._states_below() if can_split(self.model) else None
        stage.choose_parameters()
        self._train(stage, "adapters", s.adapter_epochs, s.adapter_rate, s.minutes, stage.frozen)
        return stage

    def _train(
        self, stage: TextStage, name: str, epochs: float, rate: float, minutes: float, frozen: FrozenStates | None
    ) -> None:
        steps = max(1, round(stage.steps_per_epoch() * epochs))
        settings = LoopSettings(
            steps,
            rate,
            warmup=min(50, steps // 4),
            minutes=minutes,
            precision=self.settings.precision,
            average_from=0.3 if name == "finish" or self.settings.start else 1.0,
        )
        loop = Loop(self.model, stage.losses, self.folder / name, settings, processes=self.processes)
        with self._progress(f"training the {name}", steps) as progress:
            loop.run(lambda step: self._report(stage, step, progress, frozen))

    def _report(self, stage: TextStage, step: int, progress: Progress, frozen: FrozenStates | None) -> dict[str, float]:
        progress(step)
        texts = self.validation[::_EVERY_NTH] if self.settings.start else self.validation
        return stage.validate(texts, frozen).means()


def _kept(folder: Path) -> FrozenStates | None:
    """The states that a folder keeps of an earlier run, if any."""
    return FrozenStates(folder) if (folder / "index.json").is_file() else None


def repeats_of(example: EncodedExample) -> int:
    """How often a text comes in one round: what is rare in the corpus comes more often."""
    target = example.example.target
    if target.millimetres or len(target.relations) or target.attribute_excluded.any() or _is_one_sided(target):
        return 3
    moves_given = target.is_edit and (target.emotion > 0 or target.expression_gate.any())
    return 2 if example.example.task == "chat" or moves_given else 1


def _is_one_sided(target: Target) -> bool:
    """Whether words move one side of the face otherwise than the other: a wink, a look to the left."""
    said = target.expression_gate * (1 + target.expression)
    return bool((said != said[_MIRRORED]).any())


def build(base: str, dtype: torch.dtype = torch.float32) -> tuple[FaceGPTForConditionalGeneration, FaceGPTProcessor]:
    """Put fresh face parts beside a base, with the ids of two of its tokens for `<FACE>` and for places of faces.

    Args:
        base: folder or name of a base; "" is the default one.
        dtype: of the base's parameters.
    """
    from transformers import AutoConfig, AutoTokenizer

    folder: str | Path = base or cached_base()
    tokenizer = AutoTokenizer.from_pretrained(base) if base else base_tokenizer(Path(folder))
    face, slot = spare_tokens(tokenizer)
    changes: dict[str, Any] = {"face_token": face, "slot_token": slot}
    if base:
        depth = text_config(AutoConfig.from_pretrained(folder)).num_hidden_layers
        layers = sorted({max(1, round(share * depth)) for share in _HEAD_DEPTHS})
        changes |= {"head_layers": layers, "lora_first_layer": depth // 2}
    model = FaceGPTForConditionalGeneration.from_base(folder, dtype, **changes)
    template = None if base else CHATML
    return model, FaceGPTProcessor(tokenizer, face, slot, model.config.face_tokens, template)


def spare_tokens(tokenizer: Any) -> tuple[int, int]:
    """Find two special tokens that a base reserved and never uses in conversations; else add two."""
    ids = tokenizer.get_added_vocab()
    for pair in (("<jupyter_output>", "<empty_output>"), ("<reserved_face>", "<reserved_slot>")):
        if all(name in ids for name in pair):
            return ids[pair[0]], ids[pair[1]]
    spare = sorted((k, name) for name, k in ids.items() if "reserved" in name or "unused" in name)
    if len(spare) >= 2:
        return spare[0][0], spare[1][0]
    tokenizer.add_special_tokens({"additional_special_tokens": ["<FACE>", "<FACE_IN>"]})
    first, second = tokenizer.convert_tokens_to_ids(["<FACE>", "<FACE_IN>"])
    return int(first), int(second)
