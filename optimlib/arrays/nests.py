"""Nests of arrays: an array, a dict of arrays, or dicts and lists of those.

A list of plain numbers is an array; a list that holds an array, None, a dict or another
nest is a container, and so is a named tuple. Containers may be of classes derived from these.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optimlib.arrays.rows import Rows

Path = tuple[Any, ...]  # the keys and indices that lead to a leaf


def _children(tree: Any) -> list[tuple[Any, Any]] | None:
    """The (key, child) pairs of a container, or None for a leaf."""
    if type(tree) is np.ndarray:
        return None
    if isinstance(tree, Mapping):
        return list(tree.items())
    if isinstance(tree, list | tuple) and (
        hasattr(tree, "_fields")
        or any(
            isinstance(child, np.ndarray | Mapping | Rows | None)
            or callable(child)
            or _children(child) is not None
            for child in tree
        )
    ):
        return list(enumerate(tree))
    return None


def _is_plain(tree: Any) -> bool:
    """Whether it is a dict of arrays: most are, and steps are many."""
    return type(tree) is dict and set(map(type, tree.values())) == {np.ndarray}


def is_container(tree: Any) -> bool:
    """Whether it has leaves, rather than being one."""
    return _children(tree) is not None


def flatten(tree: Any, path: Path = ()) -> dict[Path, Any]:
    """The leaves of a nest by path, a tuple of keys and indices, in reading order."""
    if _is_plain(tree):
        if not path:
            return {(key,): array for key, array in tree.items()}
        return {(*path, key): array for key, array in tree.items()}
    leaves: dict[Path, Any] = {}
    _collect(tree, path, leaves)
    return leaves


def _collect(tree: Any, path: Path, leaves: dict[Path, Any]) -> None:
    children = _children(tree)
    if children is None:
        leaves[path] = tree
        return
    for key, child in children:
        if type(child) is np.ndarray:
            leaves[(*path, key)] = child
        else:
            _collect(child, (*path, key), leaves)


def rebuild(tree: Any, leaves: Mapping[Path, Any], path: Path = ()) -> Any:
    """A nest with the structure of `tree` and the leaves of the dict `leaves`.

    Its containers are of the classes of the tree's. Raises TypeError where one has a
    class of which no other can be made.
    """
    if _is_plain(tree):
        return {key: leaves[(*path, key)] for key in tree}
    children = _children(tree)
    if children is None:
        return leaves[path]
    built = {
        key: leaves[(*path, key)]
        if type(child) is np.ndarray
        else rebuild(child, leaves, (*path, key))
        for key, child in children
    }
    if type(tree) in PLAIN:
        return PLAIN[type(tree)](built)
    try:
        return _alike(tree, built)
    except Exception as error:
        raise TypeError(
            f"{name_of('the nest', path)} is of type {type(tree).__name__}, of which no "
            f"other can be made ({error}); allowed: dicts, lists, tuples, and classes of "
            "them that can be copied"
        ) from error


PLAIN: dict[type, Callable[[dict[Any, Any]], Any]] = {
    dict: lambda built: built,
    list: lambda built: list(built.values()),
    tuple: lambda built: tuple(built.values()),
}


def _alike(tree: Any, built: dict[Any, Any]) -> Any:
    """A container of the tree's class with these children."""
    if hasattr(tree, "_make"):
        return tree._make(built.values())
    if isinstance(tree, dict | list):  # which may have attributes, too
        new = copy.copy(tree)
        for key, child in built.items():
            new[key] = child
    else:
        new = type(tree)(built if isinstance(tree, Mapping) else built.values())
    if type(new) is not type(tree) or [*dict(_children(new) or ())] != [*built]:
        raise TypeError("it comes out as something else")
    return new


def leaves_like(outline: Any, tree: Any) -> list[Any] | None:
    """The leaves where the nest's containers are those of the outline, else None.

    Only of dicts, lists and tuples, and with the keys in one order: told quickly.
    """
    leaves: list[Any] = []
    return leaves if _collect_like(outline, tree, leaves) else None


def _collect_like(outline: Any, tree: Any, leaves: list[Any]) -> bool:
    kind = type(outline)
    if kind is np.ndarray:
        leaves.append(tree)
        return True
    if type(tree) is not kind or kind not in PLAIN or len(tree) != len(outline):
        return False
    if kind is dict:
        if list(tree) != list(outline):
            return False
        outline, tree = outline.values(), tree.values()
    for inner, child in zip(outline, tree, strict=True):
        if type(inner) is np.ndarray:
            leaves.append(child)
        elif not _collect_like(inner, child, leaves):
            return False
    return True


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The nest with what the function makes of each leaf."""
    if type(tree) is np.ndarray:
        return function(tree)
    if type(tree) is dict:
        return {key: mapped(function, child) for key, child in tree.items()}
    if type(tree) is list and is_container(tree):
        return [mapped(function, child) for child in tree]
    return rebuild(tree, {path: function(x) for path, x in flatten(tree).items()})


def outline(tree: Any) -> Any:
    """The nest with an empty array for each leaf: its structure, not its numbers."""
    return rebuild(tree, {path: np.empty(0) for path in flatten(tree)})


def name_of(root: str, path: Path) -> str:
    """How a reader would write the leaf: w, w['bias'], w['layers'][0]."""
    return root + "".join(f"[{key!r}]" for key in path)
