"""Signing pages: come to one, sign on it as people do, with key files and wallets of the tests."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from eth_account import Account
from playwright.sync_api import Page

from api.pages.session import SESSION_COOKIE
from api.pages.signing.offering import seal
from ledger.hashing import keccak
from ledger.keystore import save_key
from ledger.typed_data import Entry
from tests.support.ledger import key

#: What puts a wallet into a page.
_PLUGGED: Final = """(() => {
  const provider = { async request(asked) {
    const { result, error } = await window.walletOfTheTests(asked);
    if (error) throw error;
    return result;
  } };
  const name = NAME;
  if (!name) { window.ethereum = provider; return; }
  const announce = () => window.dispatchEvent(new CustomEvent(
    "eip6963:announceProvider", { detail: Object.freeze({ info: { name }, provider }) },
  ));
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
})()"""

PASSWORD = "correct horse 马 battery"


def secret(name: str) -> bytes:
    """The private key of the account that :func:`tests.support.ledger.key` gives by this name."""
    return keccak(b"key of " + name.encode())


def key_file(folder: Path, name: str, n: int = 1 << 12) -> Path:
    """A key file of the account, opened by :data:`PASSWORD`; ``n`` is scrypt's cost."""
    path = folder / f"{name}-{n}.json"
    if not path.exists():
        save_key(path, secret(name), PASSWORD.encode(), n=n)
    return path


def ask_to_sign(page: Page, entries: Sequence[Entry], back: str = "/", title: str = "Sign") -> None:
    """Come to the signing page as a page of ours leads to it: by a form that carries our seal."""
    cookies = {c.get("name"): c.get("value") for c in page.context.cookies()}
    sealed = seal(str(cookies[SESSION_COOKIE]), entries, title, back)
    with page.expect_navigation():
        page.evaluate(
            """([entries, back, title, seal]) => {
              const token = document.querySelector("form [name=form_token]").value;
              const form = document.createElement("form");
              form.method = "post";
              form.action = "/signing/account";
              const all = { form_token: token, entries, back, title, seal };
              for (const [name, value] of Object.entries(all)) {
                const field = document.createElement("input");
                field.type = "hidden";
                field.name = name;
                field.value = value;
                form.append(field);
              }
              document.body.append(form);
              form.submit();
            }""",
            [json.dumps([entry.to_json() for entry in entries]), back, title, sealed],
        )


def sign_with_file(page: Page, path: Path, password: str = PASSWORD) -> None:
    """Choose the file, type the password, press the button; ends on the outcome."""
    page.set_input_files("#keystore", str(path))
    page.fill("#password", password)
    with page.expect_navigation(url="**/signing/outcome**", timeout=120_000):
        page.click("#sign-file")


class Wallet:
    """An honest browser wallet (EIP-1193): it checks what it is asked, and signs that. ``refuses``
    makes its owner say no; ``chain`` is what it is set to; ``switches`` whether it can be set."""

    def __init__(
        self, name: str, chain: int, *, refuses: bool = False, switches: bool = True
    ) -> None:
        self.key = secret(name)
        self.address = key(name).address
        self.chain = chain
        self.refuses = refuses
        self.switches = switches
        self.asked: list[str] = []
        self.signed: list[dict[str, Any]] = []

    def request(self, asked: dict[str, Any]) -> dict[str, Any]:
        method, params = asked["method"], asked.get("params") or []
        self.asked.append(method)
        match method:
            case "eth_requestAccounts":
                return {"result": [Account.from_key(self.key).address]}
            case "eth_chainId":
                return {"result": hex(self.chain)}
            case "wallet_switchEthereumChain":
                if not self.switches:
                    return {"error": {"code": 4902, "message": "unrecognized chain"}}
                self.chain = int(params[0]["chainId"], 16)
                return {"result": None}
            case "eth_signTypedData_v4":
                return self._sign(params)
        return {"error": {"code": 4200, "message": f"no method {method}"}}

    def _sign(self, params: list[str]) -> dict[str, Any]:
        account, data = params[0], json.loads(params[1])
        if bytes.fromhex(account[2:]) != self.address:
            return {"error": {"code": 4100, "message": "not authorised"}}
        if int(data["domain"]["chainId"]) != self.chain:
            return {"error": {"code": -32603, "message": "another chain"}}
        if self.refuses:
            return {"error": {"code": 4001, "message": "User rejected the request."}}
        signed = Account.sign_typed_data(self.key, full_message=data)
        self.signed.append(data)
        return {"result": "0x" + bytes(signed.signature).hex()}

    def plug_in(self, page: Page, announced: str = "") -> None:
        """Put it into every page: as ``window.ethereum``, or announced by this name (EIP-6963)."""
        page.expose_function("walletOfTheTests", self.request)
        page.add_init_script(_PLUGGED.replace("NAME", json.dumps(announced)))
