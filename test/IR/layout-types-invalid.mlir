// RUN: enigma-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{expected '<'}}
module attributes {t.a = !enigma.int_tuple} {}

// -----

// expected-error @+1 {{a tuple has at least one mode}}
module attributes {t.a = !enigma.int_tuple<()>} {}

// -----

// expected-error @+1 {{expected an integer}}
module attributes {t.a = !enigma.int_tuple<>} {}

// -----

// The location is that of the leaf.
// expected-error @+3 {{expected an integer, found 'x'}}
module attributes {
  t.a = !enigma.int_tuple<(2,
    x)>} {}

// -----

// expected-error @+1 {{a divisor is positive}}
module attributes {t.a = !enigma.int_tuple<?{div=0}>} {}

// -----

// expected-error @+1 {{the integer does not fit 64 bits}}
module attributes {t.a = !enigma.int_tuple<99999999999999999999>} {}

// -----

// expected-error @+1 {{unexpected text after the tuple}}
module attributes {t.a = !enigma.int_tuple<(1,2) 3>} {}

// -----

// expected-error @+1 {{not congruent: they nest differently}}
module attributes {t.a = !enigma.layout<(2,3):(1)>} {}

// -----

// expected-error @+1 {{extent 0 in leaf 1 of (2,0):(1,2) is not positive}}
module attributes {t.a = !enigma.layout<(2,0):(1,2)>} {}

// -----

// expected-error @+1 {{spans more than 2^62 elements}}
module attributes {t.a = !enigma.layout<(4611686018427387904,4611686018427387904)>} {}

// -----

// expected-error @+1 {{None is no extent or stride}}
module attributes {t.a = !enigma.layout<(2,None):(1,2)>} {}

// -----

// expected-error @+1 {{expected ':' and a stride, or the end}}
module attributes {t.a = !enigma.layout<(2,3)(1,2)>} {}

// -----

// expected-error @+1 {{abs(shift) is at least bits}}
module attributes {t.a = !enigma.layout<Sw<3,0,2> o 0 o 8:1>} {}

// -----

// expected-error @+1 {{expected ' o ' and an offset after the swizzle}}
module attributes {t.a = !enigma.layout<Sw<2,0,3>>} {}

// -----

// expected-error @+1 {{which have no bits to flip}}
module attributes {t.a = !enigma.layout<Sw<2,0,3> o 0 o (4,8):(1@0,1@1)>} {}

// -----

// expected-error @+1 {{expected a tuple of tilers, in parentheses}}
module attributes {t.a = !enigma.tiler<(4,8) 2>} {}

// -----

// expected-error @+1 {{expected an integer}}
module attributes {t.a = !enigma.tiler<(4,,8)>} {}

// -----

// expected-error @+1 {{element type of a tensor must be f16}}
module attributes {t.a = !enigma.tensor<i32, device, 4:1>} {}

// -----

// expected-error @+1 {{expected ',' and a layout}}
module attributes {t.a = !enigma.tensor<f32, device>} {}

// -----

// expected-error @+1 {{are coordinates; a tensor of coordinates is an !enigma.coord_tensor}}
module attributes {t.a = !enigma.tensor<f32, device, (4,8):(1@0,1@1)>} {}

// -----

// expected-error @+1 {{expected one of [device, constant, threadgroup, thread]}}
module attributes {t.a = !enigma.tensor<f32, nowhere, 4:1>} {}

// -----

// expected-error @+1 {{must be a coordinate of integers}}
module attributes {t.a = !enigma.coord_tensor<(None,0), (4,8):(1@0,1@1)>} {}

// -----

// expected-error @+1 {{expected an integer}}
module attributes {t.a = !enigma.coord_tensor<(0,0)>} {}
