// RUN: not enigma-translate %s --enigma-to-llvmir --block=0 2>&1 | FileCheck %s
// RUN: not enigma-translate %s --enigma-to-llvmir --block=64,-1 2>&1 | FileCheck %s
// RUN: not enigma-translate %s --enigma-to-llvmir --block=1,2,3,4 2>&1 | FileCheck %s
// RUN: not enigma-translate %s --enigma-to-llvmir --block=x 2>&1 | FileCheck %s --check-prefix=WORD
// RUN: enigma-translate %s --enigma-to-llvmir --block=64,2 | FileCheck %s --check-prefix=TWO

// The threads of a threadgroup are one to three positive numbers.

// CHECK: block-invalid.mlir:{{[0-9]+}}:{{[0-9]+}}: error: -block is one to three positive numbers, of the threads in x, y and z
// WORD: for the --block option: '{{x}}' value invalid
// TWO: define {{.*}}@k

enigma.kernel @k() {
  enigma.return
}
