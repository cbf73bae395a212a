#!/bin/sh
# Sets up the virtual environment .venv/NAME with the package and its extra NAME: `environment.sh lab`.
#
# Nothing is done when the environment is there and was made for this folder, this pyproject.toml and a
# Python that still runs. Whatever else is found is removed and made anew, so that an environment
# never holds what the package no longer asks for. A set-up that fails or is interrupted removes what
# it made; one that is killed outright leaves no stamp, and so the next call starts afresh.
# uv is used where it is there, pip where it is not. PYTHON names an interpreter other than python3; an
# environment of another version is then made anew.
set -u

name=$1
python=${PYTHON:-python3}
cd "$(dirname "$0")/.." || exit 1
environment=.venv/$name
stamp=$environment/.ready
# What the environment was made for. `pwd` is in it because a moved folder breaks an environment.
wanted="$(pwd) $(cksum < pyproject.toml)"
version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2> /dev/null
}

if [ "$(cat "$stamp" 2> /dev/null)" = "$wanted" ] && has=$(version_of "$environment/bin/python"); then
    if [ -z "${PYTHON:-}" ] || [ "$(version_of "$PYTHON")" = "$has" ]; then
        exit 0
    fi
fi

if ! version=$(version_of "$python"); then
    echo "Python 3.11 or newer is needed, and '$python' does not run: name one with 'make $name PYTHON=python3.12'." >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed, and '$python' is $version: name another with 'make $name PYTHON=python3.12'." >&2
    exit 1
fi

child=
undo() {
    trap '' INT TERM HUP
    [ -z "$child" ] || kill "$child" 2> /dev/null
    wait
    rm -rf "$environment"
    echo "$environment: the set-up did not finish ($1); nothing of it was kept." >&2
    exit 1
}
trap 'undo interrupted' INT TERM HUP
# In the background and waited for, so that a signal is obeyed at once and not after the command.
step() {
    "$@" &
    child=$!
    wait "$child" || undo "'$*' failed"
    child=
}

rm -rf "$environment" || exit 1
if command -v uv > /dev/null 2>&1; then
    echo "Setting up $environment with uv (once) ..."
    step uv venv --quiet --python "$python" "$environment"
    step uv pip install --quiet --compile-bytecode --python "$environment/bin/python" --editable ".[$name]"
else
    echo "Setting up $environment with pip (once, a minute or two) ..."
    step "$python" -m venv "$environment"
    step "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[$name]"
fi
# Matplotlib looks through the machine's fonts once; here it disturbs no lecture.
step "$environment/bin/python" -c "import matplotlib.font_manager"
printf '%s\n' "$wanted" > "$stamp" || undo "no stamp"
