"""LangChain: BM25 and FAISS under an EnsembleRetriever.

default
  - RecursiveCharacterTextSplitter, 1,000 characters, overlap 200, `add_start_index`: the tutorial
    "Build a RAG agent" (docs.langchain.com/oss/python/langchain/rag).
  - BM25Retriever as it comes, which splits at blanks (integrations/retrievers/bm25).
  - FAISS.from_documents (integrations/vectorstores/faiss).
  - EnsembleRetriever with equal weights and c = 60, its defaults
    (reference.langchain.com/python/langchain-classic/retrievers/ensemble).
adapted
  - The same with BM25Retriever's documented `preprocess_func`: lower-case words in English, jieba
    in Chinese. As it comes, a Chinese sentence is one word.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from bench.peers import embedding
from bench.peers.job import Ask, Job, Place, Search, serve


def variants(language: str) -> tuple[str, ...]:
    """The ways in which it is run on a set of this language."""
    return ("default", "adapted")


def build(texts: Mapping[str, str], job: Job) -> Search:
    """An index in memory."""
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS

    chunks = _chunks(texts)
    extra = {"preprocess_func": _words(job.language)} if job.variant == "adapted" else {}
    words = BM25Retriever.from_documents(chunks, k=job.limit, **extra)
    vectors = FAISS.from_documents(chunks, _embeddings())
    near = vectors.as_retriever(search_kwargs={"k": job.limit})
    both = EnsembleRetriever(retrievers=[words, near], weights=[0.5, 0.5])

    def search(ask: Ask) -> list[Place]:
        return [_place(found) for found in both.invoke(ask.text)[: job.limit]]

    return search


def _chunks(texts: Mapping[str, str]) -> list[Any]:
    from langchain_core.documents import Document
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
    return splitter.split_documents(
        [Document(page_content=text, metadata={"source": file}) for file, text in texts.items()]
    )


def _words(language: str) -> Callable[[str], list[str]]:
    if language == "en":
        return lambda text: re.findall(r"\w+", text.lower())
    import jieba

    return lambda text: [word for word in jieba.lcut(text.lower()) if word.strip()]


def _embeddings() -> Any:
    from langchain_core.embeddings import Embeddings

    class WordLlama(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return embedding.passages(texts)

        def embed_query(self, text: str) -> list[float]:
            return embedding.query(text)

    return WordLlama()


def _place(found: Any) -> Place:
    start = found.metadata["start_index"]
    return found.metadata["source"], start, start + len(found.page_content)


if __name__ == "__main__":
    serve(build)
