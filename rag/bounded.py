"""A cache that forgets: values up to a total weight, the oldest go first."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Values up to a total weight; the oldest go first."""

    def __init__(self, most: int, weight: Callable[[V], int]) -> None:
        self._most, self._weight, self._total = most, weight, 0
        self._held: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value; None when it is not held."""
        return self._held.get(key)

    def put(self, key: K, value: V) -> None:
        """Hold a value; the oldest go until the weight fits."""
        if key in self._held:
            self._total -= self._weight(self._held.pop(key))
        self._held[key] = value
        self._total += self._weight(value)
        while self._total > self._most and len(self._held) > 1:
            self._total -= self._weight(self._held.popitem(last=False)[1])

    def drop(self, unwanted: Callable[[K], bool]) -> None:
        """Let go of some keys."""
        for key in self._matching(unwanted):
            self._total -= self._weight(self._held.pop(key))

    def _matching(self, unwanted: Callable[[K], bool]) -> Iterable[K]:
        return [key for key in self._held if unwanted(key)]
