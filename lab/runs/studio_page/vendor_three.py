"""Copy what the studio's page needs of three.js into the package, with relative imports in place of the name `three`.

    npm pack three@0.170.0 && tar xzf three-0.170.0.tgz
    python -m lab.runs.studio_page.vendor_three package

The page's content-security policy has no inline scripts, so there is no import map to say what `three` is.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "src" / "facegpt" / "serve" / "page"
#: Files of the npm package → names in page/vendor/.
FILES = {
    "build/three.module.min.js": "three.module.min.js",
    "examples/jsm/loaders/GLTFLoader.js": "GLTFLoader.js",
    "examples/jsm/controls/OrbitControls.js": "OrbitControls.js",
    "examples/jsm/utils/BufferGeometryUtils.js": "BufferGeometryUtils.js",
    "LICENSE": "LICENSE",
}
#: Imports of the addons → the same files beside each other.
IMPORTS = {
    "from 'three'": "from './three.module.min.js'",
    "from '../utils/BufferGeometryUtils.js'": "from './BufferGeometryUtils.js'",
}
HEAD = """# three.js 0.170.0

MIT (LICENSE), from the npm package `three` 0.170.0 (https://registry.npmjs.org/three/-/three-0.170.0.tgz,
sha512 FQK+LEpYc0fBD+J8g6oSEyyNzjp+Q7Ks1C568WWaoMRLW+TkNNWmenWeGgJjV105Gd+p/2ql1ZcjYvNiPZBhuQ==).
Copied by `python -m lab.runs.studio_page.vendor_three`; only the import paths of the addons are changed.

| file | in the package | sha256 there | sha256 here |
|---|---|---|---|
"""


def main() -> None:
    """Copy the files and write README.md with their checksums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="the unpacked npm package")
    package, rows = parser.parse_args().package, []
    vendor = PAGE / "vendor"
    vendor.mkdir(parents=True, exist_ok=True)
    for source, name in FILES.items():
        data = (package / source).read_bytes()
        text = data.decode("utf-8")
        if source.startswith("examples/"):
            for old, new in IMPORTS.items():
                text = text.replace(old, new)
        written = text.encode("utf-8")
        (vendor / name).write_bytes(written)
        rows.append(f"| {name} | {source} | {_sha256(data)} | {'same' if written == data else _sha256(written)} |")
    (vendor / "README.md").write_text(HEAD + "\n".join(rows) + "\n", "utf-8")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main()
