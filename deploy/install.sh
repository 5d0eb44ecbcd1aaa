#!/bin/sh
# Install roster with both servers from the lock files into a new virtual environment.
#
#   deploy/install.sh FOLDER     in a checkout; requires Python 3.11 or newer with venv ($PYTHON selects another one)
#
# The Containerfile runs it, and systemd units can use its result. It installs wheels only, and checks their hashes.
set -eu

[ $# -eq 1 ] || { echo "usage: deploy/install.sh FOLDER" >&2; exit 2; }
case $1 in /*) environment=$1 ;; *) environment=$PWD/$1 ;; esac
[ ! -e "$environment" ] || { echo "deploy/install.sh: $environment already exists: name a new folder" >&2; exit 2; }
cd "$(dirname "$0")/.."

# The environment has no pip and no build tools; those are in a temporary one.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools"
"${PYTHON:-python3}" -m venv --without-pip "$environment"
pip() { "$tools/bin/python" -m pip --quiet --disable-pip-version-check --no-input "$@"; }

pip install --require-hashes --no-deps --only-binary :all: -r requirements/build.lock
pip wheel --no-deps --no-build-isolation --wheel-dir "$tools" .
pip --python "$environment" install --require-hashes --no-deps --only-binary :all: -r requirements/servers.lock
pip --python "$environment" install --no-deps --no-index "$tools"/*.whl
# On a read-only file system, each start would compile all modules again.
"$environment/bin/python" -m compileall -q "$environment/lib"
