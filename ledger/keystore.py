"""Keys and passwords in files that only their owner can read.

A key file is Web3 Secret Storage, version 3 (scrypt, AES-128-CTR), as other tools write it. A
password comes from a file of its own, never from an environment value. Files that others can
read are refused, before anything is read from them.
"""

import json
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from eth_keyfile.keyfile import create_keyfile_json, decode_keyfile_json

from ledger.errors import RequestError, UnavailableError
from ledger.signing import Signer

#: scrypt's cost for new files: a quarter of a gigabyte's work for every password that is tried.
SCRYPT_N: Final = 1 << 18


def new_key() -> bytes:
    """A new private key, from the operating system's randomness."""
    while True:
        key = secrets.token_bytes(32)
        try:
            Signer(key)
        except ValueError:
            continue
        return key


def save_key(path: Path, key: bytes, password: bytes, *, n: int = SCRYPT_N) -> Signer:
    """Write a new key file (mode 0600), encrypted; a file that exists is never touched.

    ``n``: scrypt's cost, a power of two; smaller than the default is for tests only.
    """
    signer = Signer(key)
    content = create_keyfile_json(key, password, kdf="scrypt", iterations=n)
    write_secret(path, json.dumps(content).encode() + b"\n")
    return signer


def load_key(path: Path, password: bytes) -> Signer:
    """The key in the file. :class:`RequestError` for a file that others can read, that is no key
    file, or that the password does not open."""
    raw = read_secret(path)
    try:
        content = json.loads(raw)
        if not isinstance(content, dict) or content.get("version") != 3:
            raise ValueError("version 3 of Web3 Secret Storage is needed")
        if str(content["crypto"]["kdf"]) not in ("scrypt", "pbkdf2"):
            raise ValueError("its key derivation is not known")
    except (ValueError, KeyError, TypeError) as error:
        raise _no_key_file(path, error) from error
    try:
        return Signer(decode_keyfile_json(content, password))
    except (KeyError, TypeError, AttributeError) as error:
        raise _no_key_file(path, error) from error
    except ValueError as error:
        if "MAC" not in str(error):
            raise _no_key_file(path, error) from error
        raise RequestError(
            f"the password does not open the key file {path}",
            message_zh=f"口令无法打开密钥文件 {path}",
            field="password",
            code="keystore.password",
        ) from error


def write_secret(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read; one that exists is :class:`RequestError`."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise UnavailableError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def check_new(path: Path) -> None:
    """Raise what :func:`write_secret` would for a file that exists, before work is done for it."""
    if path.exists():
        raise _exists(path)


def read_secret(path: Path) -> bytes:
    """The content of a file that only its owner can read."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_IMODE(status.st_mode) & 0o077:
                raise RequestError(
                    f"{path} can be read by others: make it private first (chmod 600)",
                    message_zh=f"{path} 可被他人读取：请先改为仅本人可读（chmod 600）",
                    field="path",
                    code="keystore.mode",
                )
            return file.read()
    except FileNotFoundError as error:
        raise RequestError(
            f"there is no file {path}",
            message_zh=f"文件 {path} 不存在",
            field="path",
            code="keystore.missing",
        ) from error
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from error


def read_password(path: Path) -> bytes:
    """The password in a private file, without the line end that editors add."""
    password = read_secret(path).rstrip(b"\r\n")
    if not password:
        raise RequestError(
            f"the password file {path} is empty",
            message_zh=f"口令文件 {path} 为空",
            field="path",
            code="keystore.password",
        )
    return password


def _exists(path: Path) -> RequestError:
    return RequestError(
        f"{path} exists; keys are never overwritten",
        message_zh=f"{path} 已存在；密钥从不覆盖",
        field="path",
        code="keystore.exists",
    )


def _no_key_file(path: Path, reason: Exception) -> RequestError:
    return RequestError(
        f"{path} is no key file: {reason}",
        message_zh=f"{path} 不是密钥文件：{reason}",
        field="path",
        code="keystore.form",
    )
