"""A bar that shows how far something is."""

from contextlib import nullcontext
from typing import Any


def bar(progress: bool | None, total: int, done: int, unit: str) -> Any:
    """A progress bar, or a context of None where there is none to show.

    Raises:
        ModuleNotFoundError: for progress=True without tqdm.
    """
    if progress is False:
        return nullcontext()
    try:
        from tqdm import tqdm
    except ModuleNotFoundError as error:
        if progress is None:
            return nullcontext()
        raise ModuleNotFoundError(
            "progress=True needs tqdm; allowed without it: None or False"
        ) from error
    disable = False if progress else None  # None: only where the output is a terminal
    return tqdm(total=total, initial=done, disable=disable, unit=unit)
