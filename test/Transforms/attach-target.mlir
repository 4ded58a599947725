// RUN: enigma-opt %s --enigma-attach-target --split-input-file | FileCheck %s
// RUN: enigma-opt %s --enigma-attach-target='target={metal, threads = 512}' --split-input-file | FileCheck %s --check-prefix=LIMIT
// RUN: enigma-opt %s --pass-pipeline="builtin.module(enigma-attach-target{target='metal, threads = 512'})" --split-input-file | FileCheck %s --check-prefix=LIMIT
// RUN: not enigma-opt %s --enigma-attach-target='target={metal, threads = 256}' --split-input-file 2>&1 | FileCheck %s --check-prefix=VERIFIED
// RUN: not enigma-opt %s --enigma-attach-target=target=cuda --split-input-file 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: error: no target 'cuda' is known; known: 'metal'

// A target takes the place of another, and kernels have to fit it.

// CHECK: module attributes {enigma.target = #enigma.target<metal>}
// LIMIT: module attributes {enigma.target = #enigma.target<metal, threads = 512>}
// VERIFIED: error: 'enigma.kernel' op 'block' has more than 256 threads, Metal's limit: [512, 1, 1]
module attributes {enigma.target = #enigma.target<metal, threads = 2048>} {
  enigma.kernel @k() attributes {block = array<i64: 512, 1, 1>} { enigma.return }
}

// -----

// CHECK: module attributes {enigma.target = #enigma.target<metal>}
// LIMIT: module attributes {enigma.target = #enigma.target<metal, threads = 512>}
module {}
