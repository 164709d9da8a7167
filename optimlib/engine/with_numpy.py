"""The rule on NumPy arrays: the text of a method's `rule`, called as it stands."""

import numpy as np


def run(rule, w, g, state, t, settings):
    """One step of one array.

    w, g and each array of `state` share a shape and a dtype; `settings` are the rule's hyper-parameters (Python
    floats, so that float32 stays float32) and switches, in order. Returns the new w and the list of new states.
    """
    new = [
        np.asarray(array, dtype=w.dtype) for array in rule(w, g, *state, t, *settings)
    ]
    return new[0], new[1:]
