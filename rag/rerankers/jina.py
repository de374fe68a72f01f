"""Jina's rerank, `POST /v1/rerank`, which llama.cpp, vLLM and many gateways speak too.

`KB_RERANKER=jina:jina-reranker-v2-base-multilingual`, key in JINA_API_KEY; a service of your own:
`jina:MODEL?url=http://127.0.0.1:8080`, without the path.
"""

from rag.rerankers._service import RerankService, open_service
from rag.settings import Settings

MODEL = "jina-reranker-v2-base-multilingual"


def connect(name: str, settings: Settings) -> RerankService:
    """The reranker `name`, or Jina's multilingual one."""
    return open_service(
        name, settings, kind="jina", home="https://api.jina.ai", path="/v1/rerank", model=MODEL
    )
