"""The same documents into LanceDB: `python -m bench.growth.lancedb_run FOLDER EMBEDDING`.

The script of `bench.peers.lancedb_script`, 500 documents at a time, so that memory is bounded.
EMBEDDING is `shipped`, wordllama as its package embeds, or `unpadded`: the same vectors with each
text tokenised alone and averaged, which is several times faster and not offered by the package.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.peers import embedding
from bench.peers.lancedb_script import pieces

DOCUMENTS = 500
Vectors = Any  # rows of a NumPy array, or lists


def main() -> None:
    """Fill a table, index its texts, print the number of chunks."""
    import lancedb
    from lancedb.index import FTS

    folder = Path(sys.argv[1])
    embed = {"shipped": embedding.passages, "unpadded": _unpadded}[sys.argv[2]]
    with tempfile.TemporaryDirectory() as place:
        database, table, count = lancedb.connect(Path(place)), None, 0
        for rows in _batches(folder, embed):
            count += len(rows)
            if table is None:
                table = database.create_table("chunks", rows)
            else:
                table.add(rows)
        assert table is not None
        table.create_index("text", config=FTS())
        print(count)


def _batches(folder: Path, embed: Callable[[list[str]], Vectors]) -> Iterator[list[dict[str, object]]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for first in range(0, len(files), DOCUMENTS):
        rows: list[dict[str, object]] = []
        for path in files[first : first + DOCUMENTS]:
            text = path.read_text("utf-8")
            name = path.relative_to(folder).as_posix()
            rows += [{"file": name, "start": s, "end": e, "text": text[s:e]} for s, e in pieces(text)]
        vectors = embed([str(row["text"]) for row in rows])
        for row, vector in zip(rows, vectors, strict=True):
            row["vector"] = vector
        yield rows


def _unpadded(texts: list[str]) -> Vectors:
    import numpy as np

    model = embedding._model()
    table = model.embedding
    out = np.zeros((len(texts), table.shape[1]), np.float32)
    model.tokenizer.no_padding()
    for row, found in zip(
        out, model.tokenizer.encode_batch_fast(texts, add_special_tokens=False), strict=True
    ):
        table[found.ids].astype(np.float32).sum(axis=0, out=row)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)


if __name__ == "__main__":
    main()
