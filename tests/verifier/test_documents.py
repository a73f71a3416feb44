"""By which hash a document is known: both verifiers say the same of documents, copies and files."""

import random
import subprocess
from base64 import b64encode

from ledger.disclosure import MAX_FIELDS, MAX_NAME, MAX_VALUE, Disclosure, document_hash
from ledger.typed_data import hexed
from tests.support.node import NODE, ROOT, needs_node

pytestmark = needs_node


def _documents() -> list[bytes]:
    chance = random.Random(7)
    found = [b"suyuan disclosure 1" + bytes(40), b"suyuan disclosure 1" + bytes(41)]
    found += [b"x", b"%PDF-1.7", b'{"fields":[]}', b'{"fields":[' * 5000, b'{"fields":[null]}']
    for count in (1, 2, 3, 5, 8, 17, MAX_FIELDS):
        fields = {f'名{i} "\\\n': "值😀" * (i % 4) for i in range(count)}
        whole = Disclosure.of(fields, lambda: chance.randbytes(32))
        names = chance.sample(sorted(fields), count // 2)
        found += [whole.to_bytes(), whole.without(names).to_bytes()]
        for _ in range(20):
            changed = bytearray(whole.to_bytes())
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
            found.append(bytes(changed))
    at_most = {"n" * MAX_NAME: "v" * MAX_VALUE}
    raw = Disclosure.of(at_most, lambda: bytes(32)).to_bytes()
    return [*found, raw, raw.replace(b"nn", b"nnn", 1), raw.replace(b"vv", b"vvv", 1)]


def test_both_know_a_document_by_the_same_hash() -> None:
    documents = _documents()
    found = subprocess.run(
        [NODE, ROOT / "tests/verifier/documents.mjs"],
        input=b"\n".join(map(b64encode, documents)),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert found.stdout.decode().split() == [hexed(document_hash(d)) for d in documents]
