"""``suyuan keys``: make key files and say whose they are. Keys never leave the machine."""

import argparse
from pathlib import Path
from typing import Any

from api.cli.output import Output
from ledger.keystore import load_key, read_password
from ledger.signing import Signer
from ledger.workspace import make_key


def add(commands: Any) -> None:
    parser = commands.add_parser("keys", help="make a key file, or show its address")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    new = actions.add_parser(
        "new",
        help="a new key in an encrypted file",
        description="The password is random and written to a file of its own, mode 0600. Beside "
        "the key it only keeps the key from who gets the one file; for more, name a place on "
        "another medium by --password-file.",
    )
    new.add_argument("file", type=Path, help="key file to make")
    new.add_argument(
        "--password-file", type=Path, help="where the password goes (default: FILE.password)"
    )
    new.set_defaults(run=_new)
    address = actions.add_parser("address", help="the address of a key file")
    add_key_options(address)
    address.set_defaults(run=_address)


def add_key_options(parser: argparse.ArgumentParser) -> None:
    """``--key`` and ``--password-file``: whose signature."""
    parser.add_argument("--key", type=Path, required=True, help="key file (keystore v3, mode 0600)")
    parser.add_argument(
        "--password-file", type=Path, help="file with its password (default: KEY.password)"
    )


def signer_of(options: argparse.Namespace) -> Signer:
    key: Path = options.key
    password: Path = options.password_file or password_beside(key)
    return load_key(key, read_password(password))


def password_beside(key: Path) -> Path:
    return key.with_name(key.name + ".password")


def _new(options: argparse.Namespace, out: Output) -> int:
    password = options.password_file or password_beside(options.file)
    signer = make_key(options.file, password)
    _show(signer, out)
    return 0


def _address(options: argparse.Namespace, out: Output) -> int:
    _show(signer_of(options), out)
    return 0


def _show(signer: Signer, out: Output) -> None:
    address = "0x" + signer.address.hex()
    out.answer({"address": address}, [address])
