"""Token vectors of wordllama: model and tokenizer lie in its wheel; nothing is fetched."""

import json
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ConfigError

DIMENSIONS = 256
_SEPARATOR = 13  # the token of a newline, which no word holds


def summed(words: Sequence[str]) -> NDArray[np.float32]:
    """The sum of the token vectors of each word. A word that follows no blank begins with a newline."""
    joined = "\n".join(word[1:] if word[:1] == "\n" else "▁" + word for word in words)
    (encoded,) = _tokenizer().encode_batch_fast([joined], add_special_tokens=False)
    ids = np.append(np.array(encoded.ids, np.int32), _SEPARATOR)
    ends = np.flatnonzero(ids == _SEPARATOR)
    lengths = np.diff(ends, prepend=-1) - 1
    longest = np.argsort(-lengths, kind="stable")
    starts = (ends - lengths)[longest]
    counts = np.bincount(lengths)[::-1].cumsum()[::-1]  # how many words have at least so many tokens
    sums = np.zeros((len(words), DIMENSIONS), np.float32)
    for place, count in enumerate(counts[1:].tolist()):
        sums[:count] += vectors().take(ids[starts[:count] + place], axis=0)
    found = np.empty_like(sums)
    found[longest] = sums
    return found


def package() -> Path:
    """The folder of the installed package."""
    spec = find_spec("wordllama")  # importing it costs a second and sets up logging
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("wordllama is not installed", hint="pip install wordllama")
    return Path(spec.submodule_search_locations[0])


@cache
def vectors() -> NDArray[np.float16]:
    """Token vectors, mapped: processes share the pages."""
    path = package() / "weights/l2_supercat_256.safetensors"
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        about = json.loads(file.read(size))["embedding.weight"]
    begin = 8 + size + about["data_offsets"][0]
    return np.asarray(np.memmap(path, np.float16, "r", begin, tuple(about["shape"])))


@cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    path = package() / "tokenizers/l2_supercat_tokenizer_config.json"
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.normalizer = None  # blanks are marked here already, word by word
    tokenizer.encode_special_tokens = True  # "<s>" in a document is text
    return tokenizer
