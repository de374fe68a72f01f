"""Haystack: BM25 and vectors of an InMemoryDocumentStore under a DocumentJoiner.

default
  - DocumentSplitter by word, 512 with an overlap of 32, and the shape of the pipeline: the tutorial
    "Creating a Hybrid Retrieval Pipeline" (haystack.deepset.ai/tutorials/33_hybrid_retrieval). Its
    last step, a cross-encoder, is left out for every system here.
  - BM25 of the store as it comes: BM25L over lower-case words; a Chinese character is a word.
  - DocumentJoiner with `reciprocal_rank_fusion` (docs.haystack.deepset.ai/docs/documentjoiner).
adapted
  - RecursiveDocumentSplitter, 1,000 characters, overlap 100 (docs/recursivesplitter), with the full
    stop of both languages among the separators; its own `sentence` needs a download.
"""

from collections.abc import Mapping
from typing import Any

from bench.peers import embedding
from bench.peers.job import Ask, Job, Place, Search, serve

SEPARATORS = ["\n\n", "\n", "。", r"\. ", " "]


def variants(language: str) -> tuple[str, ...]:
    """The ways in which it is run on a set of this language."""
    return ("default", "adapted")


def build(texts: Mapping[str, str], job: Job) -> Search:
    """An index in memory."""
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore()
    chunks = _chunks(texts, adapted=job.variant == "adapted")
    vectors = embedding.passages([chunk.content for chunk in chunks])
    for chunk, vector in zip(chunks, vectors, strict=True):
        chunk.embedding = vector
    store.write_documents(chunks)
    pipeline = _pipeline(store, job.limit)

    def search(ask: Ask) -> list[Place]:
        found = pipeline.run({"embedder": {"text": ask.text}, "words": {"query": ask.text}})
        return [_place(chunk) for chunk in found["joiner"]["documents"]]

    return search


def _pipeline(store: Any, limit: int) -> Any:
    from haystack import Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever

    pipeline = Pipeline()
    pipeline.add_component("embedder", _embedder())
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=limit))
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=limit))
    pipeline.add_component("joiner", DocumentJoiner("reciprocal_rank_fusion", top_k=limit))
    pipeline.connect("embedder", "vectors.query_embedding")
    pipeline.connect("words", "joiner")
    pipeline.connect("vectors", "joiner")
    return pipeline


def _chunks(texts: Mapping[str, str], *, adapted: bool) -> list[Any]:
    from haystack import Document
    from haystack.components.preprocessors import DocumentSplitter, RecursiveDocumentSplitter

    splitter: Any = DocumentSplitter(split_by="word", split_length=512, split_overlap=32)
    if adapted:
        splitter = RecursiveDocumentSplitter(
            split_length=1000, split_overlap=100, split_unit="char", separators=SEPARATORS
        )
    splitter.warm_up()
    documents = [Document(content=text, meta={"file": file}) for file, text in texts.items()]
    return [chunk for chunk in splitter.run(documents)["documents"] if chunk.content.strip()]


def _embedder() -> Any:
    from haystack import component

    @component
    class WordLlama:
        @component.output_types(embedding=list[float])
        def run(self, text: str) -> dict[str, list[float]]:
            return {"embedding": embedding.query(text)}

    return WordLlama()


def _place(chunk: Any) -> Place:
    start = chunk.meta["split_idx_start"]
    return chunk.meta["file"], start, start + len(chunk.content)


if __name__ == "__main__":
    serve(build)
