// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @packing
enigma.kernel @packing(
    %x: f32 {enigma.index = 0 : i32}, %h: f16 {enigma.index = 1 : i32},
    %u: i32 {enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %x2 = vector.broadcast %x : f32 to vector<2xf32>
  %x4 = vector.broadcast %x : f32 to vector<4xf32>
  %h2 = vector.broadcast %h : f16 to vector<2xf16>
  %h4 = vector.broadcast %h : f16 to vector<4xf16>
  // CHECK: enigma.pack_float_to_snorm4x8 %{{.*}}
  %0 = enigma.pack_float_to_snorm4x8 %x4
  // CHECK: enigma.unpack_snorm4x8_to_float %{{.*}}
  %1 = enigma.unpack_snorm4x8_to_float %u
  // CHECK: enigma.pack_half_to_snorm4x8 %{{.*}}
  %2 = enigma.pack_half_to_snorm4x8 %h4
  // CHECK: enigma.unpack_snorm4x8_to_half %{{.*}}
  %3 = enigma.unpack_snorm4x8_to_half %u
  // CHECK: enigma.pack_float_to_unorm4x8 %{{.*}}
  %4 = enigma.pack_float_to_unorm4x8 %x4
  // CHECK: enigma.unpack_unorm4x8_to_float %{{.*}}
  %5 = enigma.unpack_unorm4x8_to_float %u
  // CHECK: enigma.pack_half_to_unorm4x8 %{{.*}}
  %6 = enigma.pack_half_to_unorm4x8 %h4
  // CHECK: enigma.unpack_unorm4x8_to_half %{{.*}}
  %7 = enigma.unpack_unorm4x8_to_half %u
  // CHECK: enigma.pack_float_to_srgb_unorm4x8 %{{.*}}
  %8 = enigma.pack_float_to_srgb_unorm4x8 %x4
  // CHECK: enigma.unpack_srgb_unorm4x8_to_float %{{.*}}
  %9 = enigma.unpack_srgb_unorm4x8_to_float %u
  // CHECK: enigma.pack_half_to_srgb_unorm4x8 %{{.*}}
  %10 = enigma.pack_half_to_srgb_unorm4x8 %h4
  // CHECK: enigma.unpack_srgb_unorm4x8_to_half %{{.*}}
  %11 = enigma.unpack_srgb_unorm4x8_to_half %u
  // CHECK: enigma.pack_float_to_snorm2x16 %{{.*}}
  %12 = enigma.pack_float_to_snorm2x16 %x2
  // CHECK: enigma.unpack_snorm2x16_to_float %{{.*}}
  %13 = enigma.unpack_snorm2x16_to_float %u
  // CHECK: enigma.pack_half_to_snorm2x16 %{{.*}}
  %14 = enigma.pack_half_to_snorm2x16 %h2
  // CHECK: enigma.unpack_snorm2x16_to_half %{{.*}}
  %15 = enigma.unpack_snorm2x16_to_half %u
  // CHECK: enigma.pack_float_to_unorm2x16 %{{.*}}
  %16 = enigma.pack_float_to_unorm2x16 %x2
  // CHECK: enigma.unpack_unorm2x16_to_float %{{.*}}
  %17 = enigma.unpack_unorm2x16_to_float %u
  // CHECK: enigma.pack_half_to_unorm2x16 %{{.*}}
  %18 = enigma.pack_half_to_unorm2x16 %h2
  // CHECK: enigma.unpack_unorm2x16_to_half %{{.*}}
  %19 = enigma.unpack_unorm2x16_to_half %u
  // CHECK: enigma.pack_float_to_unorm10a2 %{{.*}}
  %20 = enigma.pack_float_to_unorm10a2 %x4
  // CHECK: enigma.unpack_unorm10a2_to_float %{{.*}}
  %21 = enigma.unpack_unorm10a2_to_float %u
  // CHECK: enigma.pack_half_to_unorm10a2 %{{.*}}
  %22 = enigma.pack_half_to_unorm10a2 %h4
  // CHECK: enigma.unpack_unorm10a2_to_half %{{.*}}
  %23 = enigma.unpack_unorm10a2_to_half %u
  // CHECK: arith.ori %{{.*}}, %{{.*}} : i32
  %packed = arith.ori %0, %u : i32
  // CHECK: arith.addf %{{.*}} : vector<4xf16>
  %sum = arith.addf %3, %h4 : vector<4xf16>
  enigma.return
}
