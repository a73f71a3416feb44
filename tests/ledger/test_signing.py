"""Signatures and the keys behind them."""

import copy
import json
import pickle
from pathlib import Path

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from ledger import keystore
from ledger.errors import EvidenceError, RequestError
from ledger.signing import Signer, address_of, recover, sign

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
KEY = b"\x07" * 32
CHEAP = 2  # scrypt's cost, for tests only

keys = st.integers(1, ORDER - 1).map(lambda n: n.to_bytes(32, "big"))
digests = st.binary(min_size=32, max_size=32)


@given(key=keys, digest=digests)
def test_a_signature_recovers_to_its_signer(key: bytes, digest: bytes) -> None:
    signature = sign(key, digest)
    assert len(signature) == 64
    assert recover(digest, signature) == Signer(key).address


@given(key=keys, digest=digests)
def test_another_implementation_makes_the_same_signature(key: bytes, digest: bytes) -> None:
    theirs = Account.unsafe_sign_hash(digest, key)
    vs = theirs.s | (theirs.v - 27) << 255
    assert sign(key, digest) == theirs.r.to_bytes(32, "big") + vs.to_bytes(32, "big")
    assert Signer(key).address == bytes.fromhex(Account.from_key(key).address[2:])


@given(key=keys, digest=digests, bit=st.integers(0, 511))
def test_an_altered_signature_is_not_the_signers(key: bytes, digest: bytes, bit: int) -> None:
    altered = bytearray(sign(key, digest))
    altered[bit // 8] ^= 1 << bit % 8
    try:
        found = recover(digest, bytes(altered))
    except EvidenceError:
        return
    assert found != Signer(key).address


def test_the_malleable_twin_of_a_signature_is_refused() -> None:
    # s may be just above half the order and still leave the top bit free for the parity.
    s = ORDER // 2 + 1
    twin = sign(KEY, bytes(32))[:32] + (s | 1 << 255).to_bytes(32, "big")
    with pytest.raises(EvidenceError):
        recover(bytes(32), twin)


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(EvidenceError):
        recover(bytes(32), bytes(size))


@pytest.mark.parametrize("key", [b"", bytes(32), ORDER.to_bytes(32, "big"), b"\x01" * 31])
def test_what_is_no_key_cannot_sign(key: bytes) -> None:
    with pytest.raises(ValueError, match="no private key"):
        Signer(key)


def test_an_address_follows_from_every_form_of_the_public_key() -> None:
    public = Account.from_key(KEY)._key_obj.public_key
    assert address_of(public.to_bytes()) == Signer(KEY).address
    assert address_of(b"\x04" + public.to_bytes()) == Signer(KEY).address
    assert address_of(public.to_compressed_bytes()) == Signer(KEY).address


def test_a_signer_never_shows_its_key() -> None:
    signer = Signer(KEY)
    shown = repr(signer) + str(signer) + f"{signer}"
    assert KEY.hex() not in shown
    assert not hasattr(signer, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(signer)
    with pytest.raises(TypeError):
        copy.deepcopy(signer)


# ---- key files


def test_a_saved_key_is_loaded_again(tmp_path: Path) -> None:
    made = keystore.save_key(tmp_path / "key.json", KEY, b"secret", n=CHEAP)
    found = keystore.load_key(tmp_path / "key.json", b"secret")
    assert found.address == made.address == Signer(KEY).address
    assert found.sign_digest(bytes(32)) == sign(KEY, bytes(32))


def test_a_key_file_is_private_and_hides_the_key(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    keystore.save_key(path, KEY, b"secret", n=CHEAP)
    assert path.stat().st_mode & 0o777 == 0o600
    assert KEY.hex() not in path.read_text()


def test_other_tools_read_the_key_file(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    keystore.save_key(path, KEY, b"secret", n=CHEAP)
    assert bytes(Account.decrypt(path.read_text(), "secret")) == KEY


def test_new_key_files_are_expensive_to_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = []

    def create(key: bytes, password: bytes, kdf: str, iterations: int) -> dict[str, object]:
        used.append((kdf, iterations))
        return {}

    monkeypatch.setattr(keystore, "create_keyfile_json", create)
    keystore.save_key(tmp_path / "key.json", KEY, b"secret")
    assert used == [("scrypt", 1 << 18)]


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    keystore.save_key(path, KEY, b"secret", n=CHEAP)
    with pytest.raises(RequestError) as caught:
        keystore.save_key(path, b"\x08" * 32, b"secret", n=CHEAP)
    assert caught.value.code == "keystore.exists"
    assert keystore.load_key(path, b"secret").address == Signer(KEY).address


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key.json"
    keystore.save_key(path, KEY, b"secret", n=CHEAP)
    path.chmod(mode)
    with pytest.raises(RequestError) as caught:
        keystore.load_key(path, b"secret")
    assert caught.value.code == "keystore.mode"


def test_a_wrong_password_is_told_from_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    keystore.save_key(path, KEY, b"secret", n=CHEAP)
    with pytest.raises(RequestError) as caught:
        keystore.load_key(path, b"other")
    assert caught.value.field == "password"
    assert "other" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"version": 3}',
        b'{"version": 3, "crypto": {"kdf": "scrypt"}}',
        b'{"version": 3, "crypto": []}',
        json.dumps({"version": 3, "crypto": {"kdf": "scrypt", "kdfparams": 5}}).encode(),
    ],
)
def test_what_is_no_key_file_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.json"
    keystore.write_secret(path, content)
    with pytest.raises(RequestError) as caught:
        keystore.load_key(path, b"secret")
    assert caught.value.code == "keystore.form"


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="gone"):
        keystore.load_key(tmp_path / "gone.json", b"secret")


def test_a_password_is_read_without_its_line_end(tmp_path: Path) -> None:
    path = tmp_path / "password"
    keystore.write_secret(path, b" pass word \r\n")
    assert keystore.read_password(path) == b" pass word "


def test_an_empty_password_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "password"
    keystore.write_secret(path, b"\n")
    with pytest.raises(RequestError):
        keystore.read_password(path)


def test_new_keys_differ() -> None:
    assert keystore.new_key() != keystore.new_key()
