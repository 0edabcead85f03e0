#!/bin/sh
# Each kernel is made of the instructions that its name says, and of none that a lesser processor lacks: looked up in the
# object files that are given.
set -eu
bad=0
expect() { # FILE-PART REGISTER yes|no: whether any instruction uses that kind of register
  for object in $objects; do
    case "$object" in *"$1"*) ;; *) continue ;; esac
    seen=no
    objdump -d --no-show-raw-insn "$object" | grep -q "%$2" && seen=yes
    if [ "$seen" != "$3" ]; then
      echo "$object: uses %$2: $seen, expected $3"
      bad=1
    fi
    found=1
  done
  [ "${found:-0}" = 1 ] || { echo "no object file of $1"; bad=1; }
  found=0
}
objects="$*"
expect element_avx512 zmm yes
expect element_avx2 ymm yes
expect element_avx2 zmm no
expect element_scalar ymm no
expect element_scalar zmm no
expect element_kernel ymm no
expect fill_kernels ymm no
expect fma_avx512 zmm yes
expect fma_avx2 ymm yes
expect fma_avx2 zmm no
expect fma_sse2 ymm no
expect fma_sse2 zmm no
expect soft_float ymm no
exit $bad
