"""LlamaIndex: BM25 and a vector index under a QueryFusionRetriever.

default
  - SentenceSplitter as it comes, 1,024 tokens, overlap 200
    (developers.llamaindex.ai/python/framework, module guide "Node Parser Modules").
  - BM25Retriever as it comes: English stems and stop words (integrations/retrievers/bm25_retriever).
  - VectorStoreIndex in memory; the file's path is metadata, as SimpleDirectoryReader sets it, and so
    part of what is embedded and searched.
  - QueryFusionRetriever, `reciprocal_rerank` (integrations/retrievers/reciprocal_rerank_fusion), one
    query: more would be written by a model.
adapted
  - Chunks of about 1,000 characters (256 tokens in English, 512 in Chinese; overlap a tenth).
  - In Chinese the documented `token_pattern` with ideographs as words and no stemming: as it comes,
    a Chinese sentence is one word.
"""

from collections.abc import Mapping
from typing import Any

from bench.peers import embedding
from bench.peers.job import Ask, Job, Place, Search, serve

SIZES = {"en": 256, "zh": 512}
IDEOGRAPHS = r"(?u)[\u3400-\u9fff]|[^\W\u3400-\u9fff]{2,}"


def variants(language: str) -> tuple[str, ...]:
    """The ways in which it is run on a set of this language."""
    return ("default", "adapted")


def build(texts: Mapping[str, str], job: Job) -> Search:
    """An index in memory."""
    from llama_index.core import VectorStoreIndex
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.retrievers.bm25 import BM25Retriever

    nodes = _nodes(texts, job)
    chinese = job.language == "zh" and job.variant == "adapted"
    extra = {"token_pattern": IDEOGRAPHS, "skip_stemming": True} if chinese else {}
    words = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=job.limit, **extra)
    index = VectorStoreIndex(nodes, embed_model=_embeddings())
    both = QueryFusionRetriever(
        [index.as_retriever(similarity_top_k=job.limit), words],
        llm=MockLLM(),
        mode="reciprocal_rerank",
        similarity_top_k=job.limit,
        num_queries=1,
        use_async=False,
    )

    def search(ask: Ask) -> list[Place]:
        return [_place(found.node) for found in both.retrieve(ask.text)]

    return search


def _nodes(texts: Mapping[str, str], job: Job) -> list[Any]:
    from llama_index.core import Document
    from llama_index.core.node_parser import SentenceSplitter

    size = SIZES[job.language]
    adapted = job.variant == "adapted"
    splitter = SentenceSplitter(chunk_size=size, chunk_overlap=size // 10) if adapted else SentenceSplitter()
    documents = [
        Document(text=text, metadata={"file_path": file}) for file, text in texts.items() if text.strip()
    ]
    found: list[Any] = splitter.get_nodes_from_documents(documents)
    return found


def _embeddings() -> Any:
    from llama_index.core.embeddings import BaseEmbedding

    class WordLlama(BaseEmbedding):
        def _get_query_embedding(self, query: str) -> list[float]:
            return embedding.query(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return embedding.query(text)

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return embedding.passages(texts)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return embedding.query(query)

    return WordLlama(embed_batch_size=64)


def _place(node: Any) -> Place:
    return node.metadata["file_path"], node.start_char_idx, node.end_char_idx


if __name__ == "__main__":
    serve(build)
