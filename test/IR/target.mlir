// RUN: enigma-opt %s --split-input-file | enigma-opt --split-input-file | FileCheck %s
// RUN: enigma-opt %s --split-input-file --mlir-print-op-generic | enigma-opt --split-input-file | FileCheck %s

// Limits that are those of the name are not written.

// CHECK: module attributes {enigma.target = #enigma.target<metal>}
module attributes {enigma.target = #enigma.target<metal, threads = 1024, lanes = 4>} {}

// -----

// CHECK: module attributes {enigma.target = #enigma.target<metal, arguments = 1, function_constants = 2, threads = 3, threadgroups = 5, simdgroup_threads = 4, threadgroup_bytes = 6, register_bytes = 7, lanes = 8, access_bytes = 1>}
module attributes {enigma.target = #enigma.target<metal, access_bytes = 1, arguments = 1, function_constants = 2,
    threads = 3, simdgroup_threads = 4, threadgroups = 5, threadgroup_bytes = 6, register_bytes = 7, lanes = 8>} {}

// -----

// CHECK: module attributes {enigma.target = #enigma.target<metal, version = "3.1", threads = 4>}
module attributes {enigma.target = #enigma.target<metal, threads = 4, version = "3.1">} {}

// -----

// CHECK: module attributes {enigma.target = #enigma.target<metal, threads = 4294967295>}
module attributes {enigma.target = #enigma.target<metal, threads = 4294967295>} {}
