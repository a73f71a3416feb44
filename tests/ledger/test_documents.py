"""Documents behind hashes, kept as files."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from eth_hash.auto import keccak

from ledger.disclosure import Disclosure
from ledger.documents import MAX_SIZE, DocumentStore
from ledger.errors import EvidenceError, RequestError, UnavailableError

PAPER = "An example certificate 示例证书".encode()


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path / "documents")


def files(store: DocumentStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_a_document_is_found_by_its_hash(store: DocumentStore) -> None:
    digest = store.put(PAPER)
    assert digest == keccak(PAPER)
    assert store.get(digest) == PAPER
    assert DocumentStore(store.root).get(digest) == PAPER, "also by the next process"


def test_a_document_of_fields_is_found_by_the_hash_that_a_copy_has_too(
    store: DocumentStore,
) -> None:
    whole = Disclosure.of({"price": "1.20", "buyer": "示例医院"}, lambda: b"s" * 32)
    copy = whole.without(["price"]).to_bytes()
    assert store.put(whole.to_bytes()) == whole.hash
    with pytest.raises(RequestError) as refused:
        store.put(copy)
    assert refused.value.code == "document.fields-taken-out"
    assert store.get(whole.hash) == whole.to_bytes(), "the whole one is not replaced"
    posing = b"suyuan disclosure 1" + bytes(40)
    with pytest.raises(RequestError):
        store.put(posing)
    [file] = files(store)
    file.write_bytes(copy)
    with pytest.raises(EvidenceError, match="not what was kept"):
        store.get(whole.hash)


def test_a_document_that_was_never_kept_is_none(store: DocumentStore) -> None:
    assert store.get(keccak(PAPER)) is None


def test_the_same_document_is_kept_once(store: DocumentStore) -> None:
    assert store.put(PAPER) == store.put(PAPER)
    assert len(files(store)) == 1


def test_many_may_keep_the_same_at_once(store: DocumentStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(store.put, [PAPER] * 32))
    assert found == {keccak(PAPER)}
    assert len(files(store)) == 1
    assert store.get(keccak(PAPER)) == PAPER


def test_a_document_is_readable_by_its_owner_only(store: DocumentStore) -> None:
    store.put(PAPER)
    [file] = files(store)
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "document.empty"), (bytes(MAX_SIZE + 1), "document.too-large")],
)
def test_what_is_empty_or_too_large_is_refused(
    store: DocumentStore, data: bytes, code: str
) -> None:
    with pytest.raises(RequestError) as error:
        store.put(data)
    assert (error.value.code, error.value.field) == (code, "document")
    assert error.value.message_zh
    assert files(store) == []


def test_the_largest_document_is_kept(store: DocumentStore) -> None:
    data = bytes(MAX_SIZE)
    assert store.get(store.put(data)) == data


@pytest.mark.parametrize("change", [b"altered", PAPER[:-1], PAPER + b"\n", b""])
def test_a_file_that_was_changed_is_never_given_out(store: DocumentStore, change: bytes) -> None:
    digest = store.put(PAPER)
    [file] = files(store)
    file.write_bytes(change)
    with pytest.raises(EvidenceError) as error:
        store.get(digest)
    assert error.value.code == "document.altered"
    assert digest.hex() in str(error.value)


@pytest.mark.parametrize("change", [b"altered", PAPER[:-1], b""])
def test_a_changed_file_is_mended_when_the_document_comes_again(
    store: DocumentStore, change: bytes
) -> None:
    digest = store.put(PAPER)
    [file] = files(store)
    file.write_bytes(change)
    assert store.put(PAPER) == digest
    assert store.get(digest) == PAPER


def test_a_crash_before_the_end_leaves_no_document(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            store.put(PAPER)
    assert store.get(keccak(PAPER)) is None
    assert files(store) == [], "nor a part of one"
    assert store.get(store.put(PAPER)) == PAPER


def test_a_full_disk_is_said_and_leaves_nothing(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError, match="No space left"):
        store.put(PAPER)
    assert files(store) == []


def test_what_a_killed_process_left_half_written_is_cleared_away(store: DocumentStore) -> None:
    store.put(PAPER)
    (store.root / "half.new").write_bytes(PAPER[:5])
    again = DocumentStore(store.root)
    assert len(files(again)) == 1
    assert again.get(keccak(PAPER)) == PAPER


def test_a_file_that_cannot_be_read_is_not_said_to_be_missing(store: DocumentStore) -> None:
    digest = store.put(PAPER)
    [file] = files(store)
    file.unlink()
    file.mkdir()
    with pytest.raises(UnavailableError):
        store.get(digest)
