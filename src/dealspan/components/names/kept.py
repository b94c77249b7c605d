"""Rows of numbers that depend on a key alone, kept from text to text: most words of a text stood in one before it."""

from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[Any]


class Kept:
    """A table of at most so many rows, which starts anew when it is full; texts in several threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._places: dict[Hashable, int] = {}
        self._rows: Rows | None = None
        self._lock = Lock()

    def rows(self, keys: Sequence[Hashable], made: Callable[[list[int]], Rows]) -> Rows:
        """The rows of some distinct keys; `made` makes those of the keys with the given numbers."""
        with self._lock:
            places: Sequence[Any] = list(map(self._places.get, keys))
            new = [i for i, place in enumerate(places) if place is None] if None in places else []
            if len(self._places) + len(new) > self._most:
                self._places.clear()
                new = list(range(len(keys)))
            if new or self._rows is None:
                rows = made(new)
                if len(new) > self._most:
                    return rows
                if self._rows is None:
                    self._rows = np.zeros((self._most, rows.shape[1]), dtype=rows.dtype)
                first = len(self._places)
                self._rows[first : first + len(new)] = rows
                self._places.update((keys[i], first + n) for n, i in enumerate(new))
                places = [self._places[key] for key in keys]
            return self._rows[places]
