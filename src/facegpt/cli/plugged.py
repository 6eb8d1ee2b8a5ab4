"""Verbs of other packages, found by their entry points when one of them is asked for.

A package adds a verb by an entry point of the group `facegpt.verbs` that names a module like those of this folder, with
`add(verbs)`. Those of facegpt-lab are listed in the help although they may be missing; they say then how to get them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from facegpt.cli.parts import DONE, Answer, HelpFormatter

#: Entry points with this group are verbs.
GROUP = "facegpt.verbs"
#: The verbs of the package facegpt-lab, and what each does.
LAB_VERBS = {
    "synthesize": "make training data whose labels are true by construction",
    "train": "train the learnt parts (recipes of the shipped ones: lab/runs/)",
    "eval": "measure quality by one of the protocols",
    "bench": "measure speed beside other software",
}


def find(name: str) -> Any | None:
    """Import the module of a verb that an installed package brings; None without one."""
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP, name=name):
        try:
            return point.load()
        except ModuleNotFoundError as error:
            if error.name is None or not point.module.startswith(error.name):
                raise  # the package is there, and lacks something itself
    return None


def list_only(verbs: Any, name: str) -> None:
    """Declare a verb of facegpt-lab that says how to install it, whatever options it is given."""
    # No option starts with this character, so that all words are read as they are: -h as well.
    parser = verbs.add_parser(
        name, help=LAB_VERBS[name], prefix_chars="\0", add_help=False, formatter_class=HelpFormatter
    )
    parser.add_argument("words", nargs="*")
    parser.set_defaults(run=_say_how, verb=name, json=False)


def _say_how(options: argparse.Namespace) -> Answer:
    sentence = f"the verb {options.verb} is part of the package facegpt-lab; {how_to_install()}"
    if {"-h", "--help"} & set(options.words):
        does = LAB_VERBS[options.verb]
        return Answer(DONE, None, f"{does[0].upper()}{does[1:]}.\n\n{sentence[0].upper()}{sentence[1:]}")
    from facegpt.errors import FaceGPTError

    raise FaceGPTError(sentence)


def how_to_install(package: Path = Path(__file__).parents[1]) -> str:
    """Say which command installs facegpt-lab: beside a checkout, or from one that is to be cloned.

    Args:
        package: folder of the package facegpt.
    """
    lab = package.parents[1] / "lab"
    if (lab / "pyproject.toml").is_file():
        return f'run: pip install -e "{lab}"'
    return "it is in the source repository: in a checkout, run: pip install -e . -e lab"
