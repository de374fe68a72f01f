"""The files of an ONNX model: where they are looked for, and how one model is told from another.

The layout is that of model repositories: `tokenizer.json` in the folder, the graph beside it or in
`onnx/`. Nothing is fetched; what is missing is said.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ConfigError

GRAPHS = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
_SAMPLES, _SAMPLE_BYTES = 64, 4096


@dataclass(frozen=True, slots=True)
class Files:
    """A tokenizer and a graph, both on disk."""

    tokenizer: Path
    graph: Path

    def fingerprint(self) -> str:
        """Eight hex digits that differ for other weights, such as int8 for float, or another vocabulary.

        Read from the sizes and from samples spread over both files: hashing all of a model would take
        longer than answering a question.
        """
        digest = hashlib.blake2b(digest_size=4)
        for path in (self.tokenizer, self.graph):
            size = path.stat().st_size
            digest.update(size.to_bytes(8, "little"))
            with path.open("rb") as file:
                for number in range(_SAMPLES):
                    file.seek(size * number // _SAMPLES)
                    digest.update(file.read(_SAMPLE_BYTES))
        return digest.hexdigest()


def cache(name: str) -> Path:
    """Where a model lies when no folder is named: `$XDG_CACHE_HOME/kb/models/NAME`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kb/models" / name


def find(place: str, *, name: str, repository: str = "") -> Files:
    """The files in a folder, around a named graph, or (with no place) in the cache folder of `name`.

    `ConfigError` says which files of which repository are missing, and where to put them.
    """
    path = Path(place).expanduser() if place else cache(name)
    if path.is_file():
        graph, folders = path, (path.parent, path.parent.parent)
    else:
        found = [path / graph for graph in GRAPHS if (path / graph).is_file()]
        graph, folders = found[0] if found else path / GRAPHS[0], (path, path / "onnx")
    tokenizers = [folder / "tokenizer.json" for folder in folders if (folder / "tokenizer.json").is_file()]
    missing = [] if graph.is_file() else ["onnx/model.onnx (or onnx/model_quantized.onnx, int8)"]
    missing += [] if tokenizers else ["tokenizer.json"]
    if missing:
        of = f" of {repository}" if repository else " of the model's repository"
        raise ConfigError(
            f"no model for {name} in {path}",
            hint=f"put {' and '.join(missing)}{of} there, or name a folder after the colon, "
            f"as in {name}:/srv/models/{name}",
        )
    return Files(tokenizers[0], graph)
