"""Trains a generated module, and applies what was trained, in runs that ganc reads and writes."""

from .problem import Problem
from .training import Moment, Trained, Training

__all__ = ["Moment", "Problem", "Trained", "Training"]
