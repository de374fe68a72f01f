"""Cohere's rerank, `POST /v2/rerank`, which vLLM speaks too.

`KB_RERANKER=cohere:rerank-v3.5`, key in COHERE_API_KEY; a service of your own:
`cohere:MODEL?url=http://127.0.0.1:8000`, without the path.
"""

from rag.rerankers._service import RerankService, open_service
from rag.settings import Settings

MODEL = "rerank-v3.5"


def connect(name: str, settings: Settings) -> RerankService:
    """The reranker `name`, or Cohere's multilingual one."""
    return open_service(
        name, settings, kind="cohere", home="https://api.cohere.com", path="/v2/rerank", model=MODEL
    )
