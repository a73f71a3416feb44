"""Compile changed sources as ``scripts/compile`` compiles the committed ones."""

import json
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import solcx

from scripts._compile import REMAPPINGS, ROOT

#: Path from the root of the repository → text.
Sources = Mapping[str, str]


class DoesNotCompile(Exception):
    """The compiler refuses these sources; the message is its first error."""


def read_sources(root: Path = ROOT) -> dict[str, str]:
    """All sources of the contracts."""
    paths = sorted((root / "contracts").rglob("*.sol"))
    return {p.relative_to(root).as_posix(): p.read_text("utf-8") for p in paths}


def compile_code(sources: Sources, names: Collection[str]) -> dict[str, bytes]:
    """Creation code of each of these contracts. Raises :class:`DoesNotCompile`."""
    wanted = {f"contracts/{n}.sol": {n: ["evm.bytecode.object"]} for n in names}
    output = _compile(sources, wanted)
    return {
        n: bytes.fromhex(output["contracts"][f"contracts/{n}.sol"][n]["evm"]["bytecode"]["object"])
        for n in names
    }


def syntax_trees(sources: Sources) -> dict[str, Any]:
    """The compiler's syntax tree of every source, and of every source that those import."""
    output = _compile(sources, {"*": {"": ["ast"]}})
    return {path: made["ast"] for path, made in output["sources"].items()}


def holders(path: str, trees: Mapping[str, Any]) -> list[str]:
    """The contracts ``contracts/<Name>.sol`` that have code of the source at ``path`` in theirs:
    it is theirs or they import it, themselves or through others."""
    imports = {
        p: {n["absolutePath"] for n in tree["nodes"] if n["nodeType"] == "ImportDirective"}
        for p, tree in trees.items()
    }

    def reaches(start: str) -> bool:
        met, ahead = {start}, [start]
        while ahead:
            new = imports[ahead.pop()] - met
            met |= new
            ahead += new
        return path in met

    found = [p for p in sorted(imports) if p.startswith("contracts/") and p.count("/") == 1]
    return [Path(p).stem for p in found if reaches(p)]


def _compile(sources: Sources, wanted: Mapping[str, Any]) -> Any:
    config = json.loads((ROOT / "contracts/compiler.json").read_text(encoding="utf-8"))
    # py-solc-x starts the compiler by its path; that one finds Node on PATH.
    folders = [str(Path(sys.executable).parent), *os.environ.get("PATH", "").split(os.pathsep)]
    os.environ["PATH"] = os.pathsep.join(dict.fromkeys(folders))
    try:
        return solcx.compile_standard(
            {
                "language": "Solidity",
                "sources": {p: {"content": text} for p, text in sources.items()},
                "settings": {
                    **config["settings"],
                    "remappings": list(REMAPPINGS),
                    "outputSelection": wanted,
                },
            },
            base_path=ROOT,
            solc_binary=ROOT / "scripts/solc",
        )
    except solcx.exceptions.SolcError as problem:
        errors = [
            e["message"] or e["type"] for e in problem.error_dict or () if e["severity"] == "error"
        ]
        raise DoesNotCompile(errors[0] if errors else problem.stderr_data) from None
