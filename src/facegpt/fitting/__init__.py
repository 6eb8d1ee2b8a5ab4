"""Test-time fitting of the head: landmarks by bounded Gauss-Newton first; photometric terms on top of it."""

from facegpt.fitting.contour import contour_landmarks
from facegpt.fitting.gauss_newton import FitError
from facegpt.fitting.landmark_fit import fit_landmarks
from facegpt.fitting.photo_fit import fit_photo

__all__ = ["FitError", "contour_landmarks", "fit_landmarks", "fit_photo"]
