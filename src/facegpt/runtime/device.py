"""Where renderers and networks run: the processor, or an NVIDIA GPU.

Torch's networks and tensors, the kernels of the renderer numba-cuda and onnxruntime's networks all go to the same GPU.
The solver of the fit and what is measured on a head stay on the processor: they are small sums in numpy.
"""

from __future__ import annotations

import re

from facegpt.errors import FaceGPTError

#: What can be asked for, in words.
CHOICES = "cpu, cuda (the first GPU), cuda:1 and so on, auto (cuda where it can be used, else cpu)"
NO_CUDA_BUILD = "torch was installed without CUDA (pytorch.org/get-started says how to install it with CUDA)"
_PATTERN = re.compile(r"cpu|auto|cuda(:\d+)?", re.ASCII)


def check_name(name: str) -> str:
    """The name of a device as it was given. Raises FaceGPTError with the names there are for any other."""
    if not isinstance(name, str) or not _PATTERN.fullmatch(name):
        raise FaceGPTError(f"there is no device '{name}'; there are: {CHOICES}")
    return name


def choose_device(name: str = "cpu") -> str:
    """Where to run: "cpu", or "cuda:N" for the GPU of that number, which can be used then.

    Args:
        name: "cpu", "cuda", "cuda:N" or "auto".

    Raises:
        FaceGPTError: if it is another name, or a GPU that cannot be used: what is missing, and what to install.
    """
    if check_name(name) == "cpu":
        return "cpu"
    number = gpu_number(name)
    problem = gpu_problem(number)
    if problem and name == "auto":
        return "cpu"
    if problem:
        raise FaceGPTError(f"the device '{name}' cannot be used: {problem}; device 'cpu' works everywhere")
    return f"cuda:{number}"


def gpu_number(name: str) -> int:
    """The number of a GPU: 1 for "cuda:1", 0 for "cuda"."""
    return int(name.partition(":")[2] or 0)


def gpu_problem(number: int = 0) -> str:
    """Why a GPU cannot be used, and what would help; "" if it can."""
    import torch

    if not torch.cuda.is_available():
        if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
            return NO_CUDA_BUILD
        return "torch finds no NVIDIA GPU, or no driver for it (`nvidia-smi` lists them once the driver is installed)"
    if number >= (count := torch.cuda.device_count()):
        return f"torch finds {count} GPU{'s' * (count != 1)}, the last of which is cuda:{count - 1}"
    try:
        from numba import cuda

        ready = bool(cuda.is_available())
    except ImportError as error:
        return f"numba has no CUDA here ({error}); pip install 'numba-cuda[cu12]' brings it"
    return "" if ready else "numba finds no CUDA toolkit (libNVVM); pip install 'numba-cuda[cu12]' brings it"
