"""The wall around connections to other hosts: public addresses only, or hosts that the operator named.

A name is resolved once. Every address that it has must be public, and the connection goes to one of
those addresses: a name that means something else a moment later gains nothing (CWE-918, CWE-367).
"""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from rag.errors import BadInput, Unreachable

Resolve = Callable[[str, int], Sequence[str]]
WEB_PORTS = frozenset({80, 443})
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?")
_NAT64 = ip_network("64:ff9b::/96")
_UNICAST = ip_network("2000::/3")
# Special-purpose blocks that older interpreters take for public ones (IANA registries, RFC 6890).
_SPECIAL = [ip_network(block) for block in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20")]


class Refused(BadInput):
    """The address is not one that may be connected to."""

    status = 403
    slug = "refused"


@dataclass(frozen=True, slots=True)
class Wall:
    """Which hosts may be connected to.

    `private` holds `host` or `host:port` of hosts that are not on the internet; a port beside
    `ports` must be named with its host. `resolve` gives all addresses of a name.
    """

    private: frozenset[str] = frozenset()
    ports: frozenset[int] = WEB_PORTS
    resolve: Resolve = lambda host, port: _resolve(host, port)

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses to connect to. `Refused` unless all are public, `Unreachable` without any."""
        host = ascii_host(host)
        with_port = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if port not in self.ports and with_port not in self.private:
            raise Refused(f"port {port} of {host} is not a usual one", hint=_hint(with_port))
        found = tuple(self.resolve(host, port))
        if not found:
            raise Unreachable(f"no host {host}", hint="check the address, and the network of this machine")
        if not {host, with_port} & self.private and not all(is_public(one) for one in found):
            raise Refused(f"{host} is not on the internet", hint=_hint(with_port))
        return found

    def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """A connection to one of the checked addresses. `Unreachable` when none takes it."""
        for address in self.addresses(host, port):
            try:
                return socket.create_connection((address, port), seconds)
            except OSError as error:
                last = error
        raise Unreachable(f"no connection to {host}:{port}", hint="is it up?") from last


def hosts(listed: str) -> frozenset[str]:
    """The setting `private_hosts` as a wall takes it."""
    return frozenset(one.strip().rstrip(".").lower() for one in listed.split(",") if one.strip())


def ascii_host(host: str) -> str:
    """A host as it is looked up: lower case, ASCII, without the last dot. `BadInput` for no host."""
    host = host.rstrip(".").lower()
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    name = host if host.isascii() else _from_unicode(host)
    if not _NAME.fullmatch(name):
        raise BadInput(f"{host!r} is no host", hint="check the address")
    return name


def is_public(address: str) -> bool:
    """Whether packets to this address go to the internet, through whatever it is wrapped in."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if (inner := _embedded(ip)) is not None:
        return is_public(str(inner))
    if ip.version == 6 and ip not in _UNICAST:
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or any(ip in one for one in _SPECIAL))


def _embedded(ip: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address within an IPv6 one: mapped, 6to4 (RFC 3056) or NAT64 (RFC 6052)."""
    if isinstance(ip, IPv4Address):
        return None
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _from_unicode(host: str) -> str:
    import idna

    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError as error:
        raise BadInput(f"{host!r} is no host", hint="check the address") from error


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _hint(host: str) -> str:
    return f"if it is meant, name it: KB_PRIVATE_HOSTS={host}"
