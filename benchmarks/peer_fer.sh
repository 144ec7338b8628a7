#!/bin/sh
# Makes the environment that `rapt bench perception --against fer` compares with.
set -eu
dir="${1:-.peers/fer}"
[ -x "$dir/bin/python" ] || python3 -m venv "$dir"
"$dir/bin/python" -m pip install -q "fer==25.10.3" "setuptools<81"
"$dir/bin/python" -c "from fer.fer import FER; FER()" >/dev/null 2>&1 && echo "fer is ready in $dir"
