"""A real S3 service (moto) on loopback, which checks signatures by Amazon's own library, and rights."""

import json
import logging
import threading
import urllib.request
from collections import Counter
from types import TracebackType
from typing import Any

REGION, BUCKET = "eu-west-1", "handbook"
_ACCOUNT = "123456789012"


class S3Server:
    """A bucket, and a user who may read it, until the `with` block ends. One at a time in a process.

    `asked` counts requests by what they are for: `list` or `get`.
    """

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server

        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self.asked: Counter[str] = Counter()
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._counted, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.access_key = self.secret_key = ""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def put(self, key: str, body: bytes) -> None:
        """Put an object into the bucket."""
        self._backend("s3").put_object(BUCKET, key, body)

    def delete(self, key: str) -> None:
        """Remove an object."""
        self._backend("s3").delete_object(BUCKET, key)

    def __enter__(self) -> "S3Server":
        self._thread.start()
        self._tell("reset", "")
        self._backend("s3").create_bucket(BUCKET, REGION)
        users = self._backend("iam")
        users.create_user(REGION, "kb")
        allowed = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        users.put_user_policy("kb", "read", policy)
        key = users.create_access_key("kb")
        self.access_key, self.secret_key = key.access_key_id, key.secret_access_key
        self._tell("reset-auth", "0")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tell("reset-auth", "inf")
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _tell(self, what: str, data: str) -> None:
        headers = {"content-type": "text/plain"}
        asked = urllib.request.Request(f"{self.url}/moto-api/{what}", data.encode(), headers)
        urllib.request.urlopen(asked, timeout=10).close()

    def _backend(self, service: str) -> Any:
        from moto.backends import get_backend

        return get_backend(service)[_ACCOUNT]["aws"]  # type: ignore[call-overload]

    def _counted(self, environ: dict[str, Any], start: Any) -> Any:
        if environ["REQUEST_METHOD"] == "GET":
            self.asked["list" if "list-type" in environ["QUERY_STRING"] else "get"] += 1
        return self._app(environ, start)
