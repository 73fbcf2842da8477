#!/usr/bin/env bash
# Times the device jvm, plain and with the Vector API, beside ONNX Runtime with the same threads.
#
#   vit-backend-tornado/benchmark/compare_with_onnx.sh DIRECTORY... [-- JVM options]
#
# A DIRECTORY holds a classifier as HuggingFace files. All three run in turns inside one JVM, started
# as ./vit starts it: logits of one image; the median times, their ratios and the targets are printed,
# and how many operations per second the matrix product alone does. Needs what ./vit has built.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
models=()
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; options=("$@"); break ;;
    *) models+=("$1"); shift ;;
  esac
done
[ ${#models[@]} -gt 0 ] || { sed -n 's/^# \{0,1\}//p' "$0" | sed -n 2,8p >&2; exit 2; }
[ -f "$root/vit-examples/target/classpath" ] || { echo "build first: ./vit backends" >&2; exit 1; }

java=${JAVA_HOME:+$JAVA_HOME/bin/}
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
# The backend's own classes first, as they were compiled last.
path=$root/vit-backend-tornado/target/classes:$root/vit-examples/target/lib/*
"${java}javac" -d "$classes" -cp "$path" "$here"/io/github/vit4j/backend/tornado/CompareWithOnnx.java
"${java}java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  --sun-misc-unsafe-memory-access=allow -XX:+UseG1GC -XX:-UseCountedLoopSafepoints \
  ${options[@]+"${options[@]}"} \
  -cp "$classes:$path" io.github.vit4j.backend.tornado.CompareWithOnnx "${models[@]}"
