// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conversions to half and bfloat, which compiled code calls where the CPU has
// no instruction for them. They are otherwise in the compiler's own library,
// which is linked on macOS and may be missing on Linux.

#include <string.h>

#define ENIGMA_EXPORT extern "C" __attribute__((visibility("default")))

#ifdef __linux__

namespace {

template <class To, class From> To bitsOf(From from) {
  static_assert(sizeof(To) == sizeof(From), "");
  To to;
  memcpy(&to, &from, sizeof(to));
  return to;
}

/// `value` to a format with the given exponent and mantissa bits, to nearest
/// even. A NaN stays one.
unsigned short narrowed(double value, int exponentBits, int mantissaBits) {
  unsigned long bits = bitsOf<unsigned long>(value);
  unsigned short sign = (unsigned short)(bits >> 63 << 15);
  bits &= ~0ul >> 1;
  int bias = (1 << (exponentBits - 1)) - 1;
  unsigned short infinity =
      (unsigned short)(((1 << exponentBits) - 1) << mantissaBits);
  if (bits > 0x7fful << 52)
    return (unsigned short)(sign | infinity | (1 << (mantissaBits - 1)) |
                            ((bits >> (52 - mantissaBits)) &
                             ((1 << mantissaBits) - 1)));
  int exponent = (int)(bits >> 52) - 1023 + bias;
  unsigned long mantissa = (bits & ((1ul << 52) - 1)) | (1ul << 52);
  int shift = 52 - mantissaBits;
  if (exponent >= (1 << exponentBits) - 1)
    return (unsigned short)(sign | infinity);
  if (exponent <= 0) {
    // Subnormal: the implicit bit moves into the mantissa.
    shift += 1 - exponent;
    exponent = 0;
    if (shift > 53)
      return sign;
  }
  unsigned long kept = mantissa >> shift;
  unsigned long rest = mantissa & ((1ul << shift) - 1);
  unsigned long half = 1ul << (shift - 1);
  if (rest > half || (rest == half && (kept & 1)))
    ++kept;
  // A carry out of the mantissa goes into the exponent, up to infinity.
  if (exponent > 0)
    kept += (unsigned long)(exponent - 1) << mantissaBits;
  return (unsigned short)(sign | kept);
}

} // namespace

ENIGMA_EXPORT _Float16 __truncdfhf2(double value) {
  return bitsOf<_Float16>(narrowed(value, 5, 10));
}
ENIGMA_EXPORT _Float16 __truncsfhf2(float value) {
  return bitsOf<_Float16>(narrowed((double)value, 5, 10));
}
ENIGMA_EXPORT __bf16 __truncdfbf2(double value) {
  return bitsOf<__bf16>(narrowed(value, 8, 7));
}
ENIGMA_EXPORT __bf16 __truncsfbf2(float value) {
  return bitsOf<__bf16>(narrowed((double)value, 8, 7));
}
ENIGMA_EXPORT float __extendhfsf2(_Float16 value) {
  unsigned short bits = bitsOf<unsigned short>(value);
  unsigned sign = (unsigned)(bits >> 15) << 31;
  unsigned exponent = (bits >> 10) & 31;
  unsigned mantissa = bits & 1023;
  if (exponent == 31)
    return bitsOf<float>(sign | 0x7f800000u | mantissa << 13);
  if (exponent == 0) {
    float size = (float)mantissa * 0x1.0p-24f;
    return sign ? -size : size;
  }
  return bitsOf<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

#endif // __linux__
