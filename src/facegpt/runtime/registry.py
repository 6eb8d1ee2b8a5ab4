"""The parts that can be plugged in, by their entry points: head models, renderers, detectors, encoders.

A part is a class or function that gives it when called without arguments, named by an entry point of the group
"facegpt.KIND". Its contract is the protocol in the `base.py` of the kind's folder (docs/plugins.md). If it has an
argument `device` it is told where to run. Nothing is imported until a part is asked for, and a part that is broken
stops nobody who doesn't ask for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from facegpt.types import FaceGPTError

#: The distribution whose parts are known without its metadata: a checkout may be on the path and not installed.
OWN_PACKAGE = "facegpt"


@dataclass(frozen=True)
class Kind:
    """One kind of part.

    Attributes:
        noun: what messages call it.
        contract: the protocol that every part of the kind keeps, "module:class".
        default: the name of the part that serves where none is named.
        built_in: name → (what gives it, what it is for); the entry points of this package in pyproject.toml.
    """

    noun: str
    contract: str
    default: str
    built_in: dict[str, tuple[str, str]]


#: Every kind, by the last word of its group of entry points.
KINDS: dict[str, Kind] = {
    "morphable": Kind(
        "head model",
        "facegpt.morphable.base:MorphableModel",
        "makehuman-head",
        {
            "makehuman-head": ("facegpt.morphable.makehuman.head:load", "the head inside the package, CC0"),
            "ict": ("facegpt.morphable.ict:load", "ICT-FaceKit, from your own copy"),
            "gnm": ("facegpt.morphable.gnm:load", "GNM Head, from your own copy"),
            "flame": ("facegpt.morphable.flame:load", "FLAME 2020 and 2023, from your own copy"),
            "bfm": ("facegpt.morphable.bfm:load", "Basel Face Model 2009 to 2019, from your own copy"),
        },
    ),
    "render": Kind(
        "renderer",
        "facegpt.render.base:Renderer",
        "numba-cpu",
        {
            "numba-cpu": ("facegpt.render.numba_cpu.renderer:NumbaRenderer", "compiled for this processor"),
            "numba-cuda": ("facegpt.render.numba_cuda.renderer:NumbaCudaRenderer", "for NVIDIA GPUs"),
            "reference": (
                "facegpt.render.reference:ReferenceRenderer",
                "plain torch, slow: the others are held to it",
            ),
        },
    ),
    "detect": Kind(
        "detector",
        "facegpt.detect.base:Detector",
        "mediapipe",
        {"mediapipe": ("facegpt.detect.mediapipe:MediaPipeDetector", "MediaPipe's networks, any roll, from 40 px up")},
    ),
    "encode": Kind(
        "encoder",
        "facegpt.encode.base:Landmarker",
        "dense-landmarks",
        {"dense-landmarks": ("facegpt.encode.dense_landmarks:DenseLandmarker", "663 points of the default head")},
    ),
}


@dataclass(frozen=True)
class Part:
    """One part that is installed.

    Attributes:
        kind: a name of KINDS. name: of the entry point. target: "module:object". package: the distribution it is of.
        purpose: in a few words; "" where only importing it would tell.
        hidden_by: the distribution whose part of the same name is taken in its place; "" for all others.
    """

    kind: str
    name: str
    target: str
    package: str
    purpose: str = ""
    hidden_by: str = ""

    def __str__(self) -> str:
        return f"the {KINDS[self.kind].noun} '{self.name}' of the package '{self.package}'"

    @property
    def is_built_in(self) -> bool:
        """Whether it is this package's own."""
        return self.package == OWN_PACKAGE

    def factory(self) -> Callable[..., Any]:
        """What gives the part. Raises FaceGPTError if it cannot be imported."""
        try:
            found = EntryPoint(self.name, self.target, f"facegpt.{self.kind}").load()
        except Exception as error:  # a plug-in may fail in any way
            raise FaceGPTError(
                f"{self} cannot be loaded ({_told(error)}); mend or uninstall '{self.package}'"
            ) from error
        if not callable(found):
            raise FaceGPTError(f"{self} cannot be loaded: '{self.target}' is no class or function")
        return found

    def make(self, **options: Any) -> Any:
        """The part itself; it is given those of the options that it has arguments for.

        Raises:
            FaceGPTError: if it cannot be made, cannot run on this machine, or does not keep its contract.
        """
        factory = self.factory()
        try:
            made = factory(**_accepted(factory, options))
        except Exception as error:
            if self.is_built_in or isinstance(error, FaceGPTError):
                raise
            raise FaceGPTError(f"{self} cannot be made ({_told(error)}); mend or uninstall '{self.package}'") from error
        if not self.is_built_in and (lacking := self._lacking(made)):
            raise FaceGPTError(f"{self} does not keep its contract ({KINDS[self.kind].contract}): it lacks {lacking}")
        if problem := getattr(made, "problem", ""):
            raise FaceGPTError(f"the {KINDS[self.kind].noun} '{self.name}' cannot run here: {problem}")
        return made

    def status(self) -> str:
        """The word "ok", or in a sentence what is wrong; parts of other packages are imported to find out."""
        if self.hidden_by:
            return f"hidden: the name is that of a {KINDS[self.kind].noun} of the package '{self.hidden_by}'"
        if self.is_built_in:  # covered by this package's tests; importing them all takes seconds
            return "ok"
        try:
            self.factory()
        except FaceGPTError as error:
            return str(error)
        return "ok"

    def as_dict(self) -> dict[str, Any]:
        """What `facegpt models list --json` prints."""
        is_default = self.name == KINDS[self.kind].default and not self.hidden_by
        return {
            **{"kind": self.kind, "name": self.name, "package": self.package, "target": self.target},
            **{"default": is_default, "purpose": self.purpose, "status": self.status()},
        }

    def _lacking(self, made: Any) -> str:
        """The public names of the contract that an object lacks."""
        module, _, name = KINDS[self.kind].contract.partition(":")
        contract = EntryPoint(name, f"{module}:{name}", "").load()
        promised = {**contract.__annotations__, **vars(contract)}
        return ", ".join(n for n in promised if not n.startswith("_") and not hasattr(made, n))


def parts(kind: str, hidden: bool = False) -> list[Part]:
    """Every installed part of a kind (built in or plug-in), the default first, then by name.

    hidden: also those whose name another package took before.
    """
    own = [Part(kind, name, target, OWN_PACKAGE, text) for name, (target, text) in KINDS[kind].built_in.items()]
    points = [(point, point.dist.name if point.dist else "?") for point in entry_points(group=f"facegpt.{kind}")]
    others = [
        Part(kind, point.name, point.value, package)
        for point, package in sorted(points, key=lambda one: (one[0].name, one[1]))
        # Own ones are taken from KINDS: the metadata of an editable checkout may be of another day.
        if not (package == OWN_PACKAGE and point.name in KINDS[kind].built_in)
    ]
    taken: dict[str, Part] = {}
    found = []
    for part in (*own, *others):
        first = taken.setdefault(part.name, part)
        if first.target != part.target:
            part = replace(part, hidden_by=first.package)
        elif first is not part:
            continue
        if hidden or not part.hidden_by:
            found.append(part)
    return sorted(found, key=lambda part: (part.name != KINDS[kind].default, part.name))


def names(kind: str) -> list[str]:
    """The names of the parts of a kind that are installed, the default first."""
    return [part.name for part in parts(kind)]


def find(kind: str, name: str | None = None) -> Part:
    """The part of that name, not imported yet; the default for None and "default".

    A version behind the name ("makehuman-head/1") is not looked at.

    Raises:
        FaceGPTError: with the names there are.
    """
    wanted = KINDS[kind].default if name in (None, "default") else str(name).split("/")[0]
    if own := KINDS[kind].built_in.get(wanted):  # no other package can take its name: none is looked through
        return Part(kind, wanted, own[0], OWN_PACKAGE, own[1])
    for part in parts(kind):
        if part.name == wanted:
            return part
    raise FaceGPTError(f"there is no {KINDS[kind].noun} '{name}'; there are: default, {', '.join(names(kind))}")


def load(kind: str, name: str | None = None, **options: Any) -> Any:
    """The part of that name, made anew: see `find` and `Part.make`."""
    return find(kind, name).make(**options)


def _accepted(factory: Callable[..., Any], options: dict[str, Any]) -> dict[str, Any]:
    """The options that a function has arguments for."""
    arguments = inspect.signature(factory).parameters
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in arguments.values()):
        return options
    return {name: value for name, value in options.items() if name in arguments}


def _told(error: Exception) -> str:
    """An error of somebody else's code in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
