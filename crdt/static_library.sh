#!/bin/sh
# static_library.sh LIBRARY OUTPUT OBJCOPY AR COMPILER…: the objects of LIBRARY as one, its hidden symbols made local.
set -eu

library=$1 output=$2 objcopy=$3 ar=$4
shift 4
object=$output.o
"$@" -r -nostdlib -o "$object" -Wl,--whole-archive "$library" -Wl,--no-whole-archive
"$objcopy" --localize-hidden "$object"
rm -f "$output"
"$ar" rcsD "$output" "$object"
rm -f "$object"
