"""Nests of arrays: a parameter set is an array, a dict of arrays, or dicts and lists of those.

A list of plain numbers is an array; a list that holds an array, a dict or another nest is a container.
"""

from collections.abc import Mapping

import numpy as np


def _children(tree):
    """The (key, child) pairs of a container, or None for a leaf."""
    if isinstance(tree, Mapping):
        return list(tree.items())
    if isinstance(tree, list | tuple) and any(
        isinstance(child, np.ndarray | Mapping) or _children(child) is not None
        for child in tree
    ):
        return list(enumerate(tree))
    return None


def flatten(tree, path=()):
    """The leaves of a nest as a dict from path (a tuple of keys and indices) to leaf, in reading order."""
    children = _children(tree)
    if children is None:
        return {path: tree}
    return {
        p: leaf
        for key, child in children
        for p, leaf in flatten(child, (*path, key)).items()
    }


def rebuild(tree, leaves, path=()):
    """A nest with the structure of `tree` and the leaves of the dict `leaves`, as `flatten` numbers them."""
    children = _children(tree)
    if children is None:
        return leaves[path]
    built = {key: rebuild(child, leaves, (*path, key)) for key, child in children}
    if isinstance(tree, Mapping):
        return built
    return tuple(built.values()) if isinstance(tree, tuple) else list(built.values())


def name_of(root, path):
    """How a reader would write the leaf: w, w['bias'], w['layers'][0]."""
    return root + "".join(f"[{key!r}]" for key in path)
