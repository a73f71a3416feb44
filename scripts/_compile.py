"""Compile the contracts by py-solc-x, and write or compare what is committed of them.

Committed are, for each contract ``contracts/<Name>.sol`` that can be deployed:

* ``ledger/chain/artifacts/<Name>.json``: name, ABI, creation and runtime bytecode;
* its part of ``contracts/snapshots/storage-layout.json``: which variable lies in which slot;
* its part of ``contracts/snapshots/sizes.json``: bytes of code, and what the limit leaves.

Everything is made from the sources and ``contracts/compiler.json`` alone, and the same sources
give the same bytes: no path, date or compiler-internal number gets in.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import solcx

ROOT: Final = Path(__file__).resolve().parent.parent
ARTIFACTS: Final = Path("ledger/chain/artifacts")
SNAPSHOTS: Final = Path("contracts/snapshots")
REMAPPINGS: Final = ("@openzeppelin/=node_modules/@openzeppelin/",)
#: Most bytes of runtime code that a contract may have (EIP-170).
CODE_LIMIT: Final = 24_576
OUTPUTS: Final = ("abi", "evm.bytecode.object", "evm.deployedBytecode.object", "storageLayout")

#: File, from the root of the repository → its whole text.
Files = dict[Path, str]


class CompilationError(Exception):
    """Our sources do not compile without a warning; the message is the compiler's."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/compile", description="Compile the contracts.")
    parser.add_argument("--check", action="store_true", help="compare only; fail on a difference")
    check: bool = parser.parse_args(arguments).check
    try:
        files = committed_files(compile_contracts())
    except CompilationError as problem:
        print(problem, file=sys.stderr)
        return 1
    if check:
        stale = differences(files)
        for line in stale:
            print(line, file=sys.stderr)
        print("run scripts/compile" if stale else f"{len(files)} files are fresh")
        return 1 if stale else 0
    write(files)
    sizes = json.loads(files[SNAPSHOTS / "sizes.json"])
    for name, size in sizes.items():
        print(f"{name}: {size['runtime']:,} bytes, {size['headroom']:,} left")
    return 0


def compile_contracts(root: Path = ROOT) -> dict[str, Any]:
    """Compile ``contracts/**/*.sol`` below ``root``; returns name → the compiler's output for it.

    Only contracts that can be deployed and are named as their file are returned.
    """
    config = json.loads((root / "contracts/compiler.json").read_text(encoding="utf-8"))
    sources = sorted(p.relative_to(root).as_posix() for p in (root / "contracts").rglob("*.sol"))
    wanted = {p: {Path(p).stem: list(OUTPUTS)} for p in sources if p.count("/") == 1}
    # py-solc-x starts the compiler by its path; that one finds Node on PATH.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        output = solcx.compile_standard(
            {
                "language": "Solidity",
                "sources": {p: {"content": (root / p).read_text("utf-8")} for p in sources},
                "settings": {
                    **config["settings"],
                    "remappings": list(REMAPPINGS),
                    "outputSelection": wanted,
                },
            },
            base_path=root,
            solc_binary=ROOT / "scripts/solc",
        )
    except solcx.exceptions.SolcError as problem:
        # Its text carries the whole input; what the compiler says of the sources is enough.
        errors = [e for e in problem.error_dict or () if e["severity"] == "error"]
        said = [e["formattedMessage"] for e in errors]
        raise CompilationError("\n".join(said) or problem.stderr_data) from None
    warnings = [
        e["formattedMessage"]
        for e in output.get("errors", ())
        if e.get("sourceLocation", {}).get("file", "contracts/").startswith("contracts/")
    ]
    if warnings:
        raise CompilationError("\n".join(warnings))
    found = {n: c for contracts in output["contracts"].values() for n, c in contracts.items()}
    return {n: c for n, c in sorted(found.items()) if c["evm"]["bytecode"]["object"]}


def committed_files(contracts: Mapping[str, Any]) -> Files:
    """What is to be committed of the compiler's output."""
    files = {
        ARTIFACTS / f"{name}.json": _json(
            {
                "contractName": name,
                "abi": made["abi"],
                "bytecode": "0x" + made["evm"]["bytecode"]["object"],
                "deployedBytecode": "0x" + made["evm"]["deployedBytecode"]["object"],
            }
        )
        for name, made in contracts.items()
    }
    layouts = {name: storage_layout(made["storageLayout"]) for name, made in contracts.items()}
    files[SNAPSHOTS / "storage-layout.json"] = _json(layouts)
    files[SNAPSHOTS / "sizes.json"] = _json({n: sizes(made) for n, made in contracts.items()})
    return files


def sizes(made: Mapping[str, Any]) -> dict[str, int]:
    """Bytes of creation and runtime code, and how many the limit on the latter leaves."""
    code = made["evm"]
    runtime = len(code["deployedBytecode"]["object"]) // 2
    return {
        "init": len(code["bytecode"]["object"]) // 2,
        "runtime": runtime,
        "headroom": CODE_LIMIT - runtime,
    }


def storage_layout(layout: Mapping[str, Any]) -> dict[str, Any]:
    """The compiler's storage layout by type labels: its own type names change with any edit."""
    types = layout["types"] or {}

    def place(variable: Mapping[str, Any]) -> dict[str, Any]:
        kind = types[variable["type"]]
        return {
            "slot": int(variable["slot"]),
            "offset": variable["offset"],
            "bytes": int(kind["numberOfBytes"]),
            "label": variable["label"],
            "type": kind["label"],
        }

    structs = {
        kind["label"]: [place(member) for member in kind["members"]]
        for kind in types.values()
        if "members" in kind
    }
    return {
        "variables": [place(v) for v in layout["storage"]],
        "structs": dict(sorted(structs.items())),
    }


def differences(files: Files, root: Path = ROOT) -> list[str]:
    """One line for each file that is not as the sources make it, missing, or left over."""
    lines = []
    for path, text in files.items():
        if not (root / path).exists():
            lines.append(f"{path} is missing")
        elif (root / path).read_text(encoding="utf-8") != text:
            lines.append(f"{path} is not what the sources make")
    lines.extend(f"{path} belongs to no contract" for path in left_over(files, root))
    return lines


def write(files: Files, root: Path = ROOT) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    for path in left_over(files, root):
        (root / path).unlink()


def left_over(files: Files, root: Path) -> list[Path]:
    """Artifacts of contracts that are no more."""
    present = sorted(p.relative_to(root) for p in (root / ARTIFACTS).glob("*.json"))
    return [p for p in present if p not in files]


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
