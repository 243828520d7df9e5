"""The few REST calls that the sandbox makes, over one kept connection."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

from readingroom.domain.errors import ConfigError, ReadingRoomError, Transient


class RestError(ReadingRoomError):
    """Orthanc answered, and it was a refusal.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class OrthancRest:
    """Talk to an Orthanc over HTTP with basic authentication.

    Args:
        url: "http://host:port" or "https://host/base", without credentials.
        user: name, empty for none.
        password: its password.
        timeout_s: of each read and write.
    """

    def __init__(self, url: str, user: str, password: str, timeout_s: float = 30.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                "the address of Orthanc is no http or https URL",
                hint="write it as http://user:password@host:8042",
            )
        self.url = url
        self._base = parts.path.rstrip("/")
        self._headers = {"Accept": "application/json"}
        if user:
            token = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {token}"
        kind = http.client.HTTPSConnection if parts.scheme == "https" else _NoDelayConnection
        self._connection = kind(parts.hostname, parts.port, timeout=timeout_s)

    def __enter__(self) -> OrthancRest:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _exchange(
        self, method: str, path: str, data: bytes | None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send and receive; once more when the server had dropped an idle connection.

        Every call made here may safely be made twice.
        """
        was_open = self._connection.sock is not None
        try:
            self._connection.request(method, path, data, self._headers)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._connection.close()
            if not was_open:
                raise
            self._connection.request(method, path, data, self._headers)
            response = self._connection.getresponse()
        return response, response.read()

    def system(self) -> dict[str, Any]:
        """What Orthanc says of itself: Version, DicomAet, DicomPort."""
        answer = self.call("GET", "/system")
        if not isinstance(answer, dict):
            raise Transient(f"{self.url} answered, but it is no Orthanc")
        return answer

    def call(self, method: str, path: str, body: bytes | str | None = None) -> Any:
        """One request whose answer is JSON.

        Returns:
            The parsed JSON; None when the answer is empty.

        Raises:
            Transient: nobody answered.
            RestError: Orthanc refused.
            ConfigError: the credentials are wrong.
        """
        return _parse(self.content(method, path, body), self.url)

    def content(self, method: str, path: str, body: bytes | str | None = None) -> bytes:
        """One request, and the bytes of its answer, such as a stored file.

        Raises:
            Transient: nobody answered.
            RestError: Orthanc refused.
            ConfigError: the credentials are wrong.
        """
        data = body.encode() if isinstance(body, str) else body
        try:
            response, content = self._exchange(method, self._base + path, data)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Transient(
                f"Orthanc at {self.url} does not answer: {type(error).__name__}",
                hint="`readingroom sandbox status` says whether it runs",
            ) from error
        if response.status in (401, 403):
            raise ConfigError(
                f"Orthanc at {self.url} refused the user name or the password",
                hint="write them into the URL: http://user:password@host:8042",
            )
        if response.status >= 400:
            raise RestError(f"{method} {path}: Orthanc answered {response.status}", response.status)
        return content


def _parse(content: bytes, url: str) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError as error:
        raise Transient(f"{url} answered, but it is no Orthanc") from error


class _NoDelayConnection(http.client.HTTPConnection):
    """Without it a request of head and body waits 40 ms for the peer's delayed ACK."""

    def connect(self) -> None:
        super().connect()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def split_credentials(url: str) -> tuple[str, str, str]:
    """Split "http://user:password@host:8042/" into the URL without them, user and password."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    netloc = f"[{host}]" if ":" in host else host
    if parts.port is not None:
        netloc = f"{netloc}:{parts.port}"
    bare = parts._replace(netloc=netloc, path=parts.path.rstrip("/"), query="", fragment="")
    return bare.geturl(), unquote(parts.username or ""), unquote(parts.password or "")
