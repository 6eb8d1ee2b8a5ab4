"""Calibrate the readings of the default head and store them: assets/attribute_readings.npz. Run it after lab/runs/head.

    python -m lab.runs.decoder.build

Without the file everything works too: the first head from words then takes some seconds longer.
"""

from __future__ import annotations

import numpy as np

from facegpt.assets import FOLDER, register
from facegpt.describe.attribute_readings import CALIBRATION, READINGS, STORED, calibrate, head_signature
from facegpt.morphable.makehuman import head as makehuman


def main() -> None:
    """Measure, write, register, and print how linear each reading is."""
    model = makehuman.load()
    rows = [READINGS.index(name) for name in STORED]
    arrays = {name: array[rows] for name, array in calibrate(model).items()}
    small = {name: np.round(array, 6).astype(np.float32) for name, array in arrays.items()}
    np.savez_compressed(FOLDER / CALIBRATION, head=np.array(head_signature(model)), **small)
    register(CALIBRATION)
    for name, r_squared in zip(STORED, arrays["r_squared"], strict=True):
        print(f"{name:24s} R² {r_squared:5.2f}")


if __name__ == "__main__":
    main()
