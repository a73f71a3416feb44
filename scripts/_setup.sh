# Sourced by the commands beside it: go to the repository's root and set up what they need.
#
#   set_up runtime | dev     makes .venv from the locked packages (and Node's, for dev)
#
# Any problem ends the calling command with a sentence that says what is missing.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# The newest Python with ready-made packages for everything comes first. A name on PATH may be a
# launcher for a version that is not installed, so each candidate has to prove itself by running.
find_python() {
    local candidate
    for candidate in python3.13 python3.12 python3.11 python3 python python3.14; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    echo "Suyuan needs Python 3.11 or newer; the newest on PATH is:" \
        "$(python3 --version 2>/dev/null || echo none). Install python3.11, 3.12 or 3.13." >&2
    return 1
}

set_up() {
    local python
    python="$(find_python)" || exit 1
    "$python" scripts/_setup.py "$1" || exit 1
    # A Node on the machine may be too old for Hardhat; the virtual environment's comes first.
    export PATH="$PWD/.venv/bin:$PATH"
}
