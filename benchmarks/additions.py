"""The least that a step can do: it moves what a method's step moves, and adds.

Its time is the memory's, so no step that moves as much takes less.
"""

import numpy as np

from optimlib.optimizer import Optimizer


class OneState(Optimizer):
    """As a method with one array of state moves memory."""

    state_names = ("m",)

    @staticmethod
    def rule(
        w: np.ndarray, g: np.ndarray, m: np.ndarray, t: int
    ) -> tuple[np.ndarray, ...]:
        return w + g, m + g


class TwoStates(Optimizer):
    """As a method with two."""

    state_names = ("m", "v")

    @staticmethod
    def rule(
        w: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray, t: int
    ) -> tuple[np.ndarray, ...]:
        return w + g, m + g, v + g


OF_STATES = {1: OneState, 2: TwoStates}
