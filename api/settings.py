"""How the service faces the outside, and the refusal to start in an unsafe way (R28)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from coincurve import PrivateKey

from api.staff import oidc
from api.staff.oidc import Provider
from api.staff.passwords import Hashing
from ledger.errors import RequestError
from ledger.hashing import keccak
from ledger.hosts import is_loopback

#: Accounts of keys that every developer has: the numbers 1 to 20 (eth-tester), and the first ten
#: of the mnemonic that Hardhat and Anvil start with.
_KNOWN: Final = (
    "f39fd6e51aad88f6f4ce6ab8827279cfffb92266",
    "70997970c51812dc3a010c7d01b50e0d17dc79c8",
    "3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
    "90f79bf6eb2c4f870365e785982e1f101e93b906",
    "15d34aaf54267db7d7c367839aaf71a00a2c6a65",
    "9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
    "976ea74026e726554db657fa54763abd0c3a0aa9",
    "14dc79964da2c08b23698b3d3cc7ca32193d9955",
    "23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f",
    "a0ee7a142d267c1f36714e4a8f75612f20a79720",
)


def development_accounts() -> frozenset[bytes]:
    """The addresses (20 bytes) that no earnest ledger may trust."""
    counted = (
        keccak(PrivateKey(n.to_bytes(32, "big")).public_key.format(compressed=False)[1:])[12:]
        for n in range(1, 21)
    )
    return frozenset({*counted, *(bytes.fromhex(known) for known in _KNOWN)})


@dataclass(frozen=True)
class ServerSettings:
    """Where the service listens and how much it takes.

    ``tls`` are the files of certificate and key. ``behind_proxy`` says that a proxy in front
    terminates TLS, and ``trusted_proxies`` (addresses or networks) which proxies are believed when
    they say from where a request comes. ``origins`` are the web origins that may call from a
    browser. Sizes are in bytes, times in seconds. ``max_in_progress`` requests are worked on at
    once; beyond, callers are asked to come back. A body has ``body_deadline`` to arrive, a
    document's longer in proportion to its limit.
    ``public_url`` is what people's browsers call the service, needed behind a proxy (links are made
    of it, see ``Context.public``); ``providers`` are organisations'
    own sign-ins, which send people back to it.
    ``patience``: how long a read waits for the ledger to reach ``min_position``. ``hashing``: what
    a password costs to check; less only where nothing is protected by it.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    tls: tuple[Path, Path] | None = None
    behind_proxy: bool = False
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    origins: tuple[str, ...] = ()
    max_body: int = 4 * 1024 * 1024
    max_document: int = 20 * 1024 * 1024
    max_in_progress: int = 64
    body_deadline: float = 10.0
    patience: float = 5.0
    public_url: str = ""
    providers: tuple[Provider, ...] = ()
    hashing: Hashing = field(default_factory=Hashing)

    def check(self, trusted_accounts: Iterable[bytes] = ()) -> None:
        """Refuse what is unsafe; :class:`RequestError` names the setting.

        ``trusted_accounts``: the relayer's and the authority's accounts.
        """
        if any("*" in origin for origin in self.origins):
            raise _unsafe(
                "origins",
                "name each web origin; * would let every web page use a visitor's token",
                "请逐一列出来源；* 会让任何网页都能使用访问者的令牌",
            )
        for origin in self.origins:
            # The host as a whole: 127.0.0.1 may also begin the name of somebody else's.
            parts = urlsplit(origin)
            local = parts.scheme == "http" and is_loopback(parts.hostname or "")
            if not (local or parts.scheme == "https"):
                raise _unsafe("origins", f"{origin} is not https", f"{origin} 不是 https")
        if not (is_loopback(self.host) or self.tls or self.behind_proxy):
            raise _unsafe(
                "host",
                f"{self.host} is not this machine alone, so TLS is needed: give the certificate "
                "and key, or say that a proxy in front has them",
                f"{self.host} 不限于本机，须使用 TLS：请给出证书和密钥，或说明前置代理负责 TLS",
            )
        for proxy in self.trusted_proxies:
            try:
                ip_network(proxy)
            except ValueError:
                raise _unsafe(
                    "trusted_proxies",
                    f"{proxy} is no address or network of a proxy",
                    f"{proxy} 不是代理的地址或网段",
                ) from None
        if self.behind_proxy and not self.public_url:
            raise _unsafe(
                "public_url",
                "is needed behind a proxy: links for people are made of it, never of what a "
                "request calls this host",
                "位于代理之后时必须给出：供人使用的链接由它生成，而不采用请求所称的主机名",
            )
        oidc.check(self.providers, self.public_url)
        known = development_accounts()
        for account in trusted_accounts:
            if account in known:
                raise _unsafe(
                    "accounts",
                    f"0x{account.hex()} is a development key that everybody knows; make new keys",
                    f"0x{account.hex()} 是众所周知的开发密钥；请生成新密钥",
                )


def _unsafe(field: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"{field}: {english}",
        message_zh=f"{field}：{chinese}",
        field=field,
        code="settings.unsafe",
    )
