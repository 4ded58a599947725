// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Names.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

using namespace enigma::msl;
using llvm::StringRef;

// Words of C++14 and MSL, and what <metal_stdlib> declares or defines.
static constexpr StringRef kReservedNames[] = {
    // C++ keywords, alternative tokens and contextual words.
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor",
    "bool", "break", "case", "catch", "char", "char16_t", "char32_t", "class",
    "compl", "concept", "const", "const_cast", "constexpr", "continue",
    "decltype", "default", "delete", "do", "double", "dynamic_cast", "else",
    "enum", "explicit", "export", "extern", "false", "final", "float", "for",
    "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace",
    "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq",
    "override", "private", "protected", "public", "register",
    "reinterpret_cast", "requires", "restrict", "return", "short", "signed",
    "sizeof", "static", "static_assert", "static_cast", "struct", "switch",
    "template", "this", "thread_local", "throw", "true", "try", "typedef",
    "typeid", "typename", "typeof", "union", "unsigned", "using", "virtual",
    "void", "volatile", "wchar_t", "while", "xor", "xor_eq", "main", "std",
    // MSL: address spaces, functions, types.
    "device", "constant", "thread", "threadgroup", "threadgroup_imageblock",
    "ray_data", "object_data", "kernel", "vertex", "fragment", "visible",
    "intersection", "mesh", "object", "stitchable", "coherent", "metal", "simd",
    "half", "bfloat", "uchar", "ushort", "uint", "ulong", "size_t", "ptrdiff_t",
    "int8_t", "uint8_t", "int16_t", "uint16_t", "int32_t", "uint32_t",
    "int64_t", "uint64_t", "vec", "matrix", "array", "array_ref", "packed_vec",
    "sampler", "texture", "texture1d", "texture1d_array", "texture2d",
    "texture2d_array", "texture2d_ms", "texture3d", "texturecube",
    "texturecube_array", "depth2d", "depth2d_array", "depth2d_ms", "depthcube",
    "texture_buffer", "imageblock", "patch_control_point", "access", "coord",
    "filter", "address", "compare_func", "mip_filter", "level", "gradient2d",
    "gradient3d", "bias", "atomic", "atomic_int", "atomic_uint", "atomic_bool",
    "atomic_float", "atomic_ulong", "memory_order", "memory_order_relaxed",
    "memory_order_seq_cst", "thread_scope", "thread_scope_thread",
    "thread_scope_simdgroup", "thread_scope_threadgroup", "thread_scope_device",
    "mem_flags", "mem_none", "simdgroup_matrix", "simdgroup_float8x8",
    "simdgroup_half8x8", "simdgroup_bfloat8x8", "simd_vote", "quad_vote",
    "as_type", "coherence", "function_constant", "is_function_constant_defined",
    "raytracing", "tensor", "tensor_inline", "dextents", "execution_simdgroups",
    "tensor_ops", "mpp", "uniform", "ostream", "os_log", "os_log_default",
    "command_buffer", "render_command", "compute_command", "is_same",
    "enable_if", "numeric_limits", "address_space",
// Functions of the standard library: those that kernels call, and others.
#include "enigma/Target/MSL/ReservedNames.inc"
    "all", "any", "atomic_compare_exchange_weak_explicit",
    "atomic_exchange_explicit", "atomic_fetch_add_explicit",
    "atomic_fetch_and_explicit", "atomic_fetch_max_explicit",
    "atomic_fetch_min_explicit", "atomic_fetch_or_explicit",
    "atomic_fetch_sub_explicit", "atomic_fetch_xor_explicit",
    "atomic_load_explicit", "atomic_max_explicit", "atomic_min_explicit",
    "atomic_store_explicit", "atomic_thread_fence", "cross", "determinant",
    "dfdx", "dfdy", "discard_fragment", "distance", "distance_squared",
    "divide", "dot", "faceforward", "fast", "fmax3", "fmedian3", "fmin3",
    "frexp", "fwidth", "hadd", "ilogb", "isordered", "isunordered",
    "is_null_texture", "ldexp", "length", "length_squared", "mad24",
    "make_filled_simdgroup_matrix", "max3", "median3", "min3", "modf", "mul24",
    "nextafter", "norm", "normalize", "pack_float_to_snorm2x16",
    "pack_float_to_snorm4x8", "pack_float_to_srgb_unorm4x8",
    "pack_float_to_unorm10a2", "pack_float_to_unorm2x16",
    "pack_float_to_unorm4x8", "pack_half_to_snorm2x16", "pack_half_to_snorm4x8",
    "pack_half_to_unorm2x16", "pack_half_to_unorm4x8", "precise",
    "quad_is_helper_thread", "quad_shuffle_and_fill_down",
    "quad_shuffle_and_fill_up", "reflect", "refract", "rhadd",
    "simd_is_helper_thread", "simd_shuffle_and_fill_down",
    "simd_shuffle_and_fill_up", "simdgroup_async_copy", "simdgroup_barrier",
    "simdgroup_event", "simdgroup_load", "simdgroup_multiply",
    "simdgroup_multiply_accumulate", "simdgroup_store", "sincos",
    "threadgroup_barrier", "transpose", "unpack_snorm2x16_to_float",
    "unpack_snorm4x8_to_float", "unpack_unorm10a2_to_float",
    "unpack_unorm2x16_to_float", "unpack_unorm4x8_to_float",
    "unpack_srgb_unorm4x8_to_float", "matrix_multiply", "get_simdgroup_size",
    "thread_elements",
    // Macros and constants.
    "NULL", "INFINITY", "NAN", "HUGE_VALF", "HUGE_VALH", "MAXFLOAT", "MAXHALF",
    "CHAR_BIT", "CHAR_MAX", "CHAR_MIN", "SCHAR_MAX", "SCHAR_MIN", "UCHAR_MAX",
    "SHRT_MAX", "SHRT_MIN", "USHRT_MAX", "INT_MAX", "INT_MIN", "UINT_MAX",
    "LONG_MAX", "LONG_MIN", "ULONG_MAX", "FLT_DIG", "FLT_EPSILON",
    "FLT_MANT_DIG", "FLT_MAX", "FLT_MAX_10_EXP", "FLT_MAX_EXP", "FLT_MIN",
    "FLT_MIN_10_EXP", "FLT_MIN_EXP", "FLT_RADIX", "FP_ILOGB0", "FP_ILOGBNAN",
    "HALF_DIG", "HALF_EPSILON", "HALF_MANT_DIG", "HALF_MAX", "HALF_MAX_10_EXP",
    "HALF_MAX_EXP", "HALF_MIN", "HALF_MIN_10_EXP", "HALF_MIN_EXP", "HALF_RADIX",
    "M_E_F", "M_E_H", "M_LOG2E_F", "M_LOG2E_H", "M_LOG10E_F", "M_LOG10E_H",
    "M_LN2_F", "M_LN2_H", "M_LN10_F", "M_LN10_H", "M_PI_F", "M_PI_H",
    "M_PI_2_F", "M_PI_2_H", "M_PI_4_F", "M_PI_4_H", "M_1_PI_F", "M_1_PI_H",
    "M_2_PI_F", "M_2_PI_H", "M_2_SQRTPI_F", "M_2_SQRTPI_H", "M_SQRT2_F",
    "M_SQRT2_H", "M_SQRT1_2_F", "M_SQRT1_2_H", "METAL_FUNC", "METAL_INTERNAL",
    "assert", "linux", "unix", "i386"};

/// Whether \p name is one of MSL's vector or matrix types: `float4`,
/// `packed_half2`, `float3x3`.
static bool isShapedTypeName(StringRef name) {
  auto isExtent = [](char c) { return c >= '2' && c <= '8'; };
  if (name.empty() || !isExtent(name.back()))
    return false;
  name.consume_front("packed_") || name.consume_front("simdgroup_");
  for (StringRef base : {"bool", "char", "uchar", "short", "ushort", "int",
                         "uint", "long", "ulong", "half", "bfloat", "float"}) {
    StringRef rest = name;
    if (!rest.consume_front(base))
      continue;
    if (rest.size() == 1 ||
        (rest.size() == 3 && isExtent(rest[0]) && rest[1] == 'x'))
      return true;
  }
  return false;
}

bool enigma::msl::isReservedName(StringRef name) {
  static const auto *reserved = new llvm::DenseSet<StringRef>(
      std::begin(kReservedNames), std::end(kReservedNames));
  return reserved->contains(name) || name.starts_with("enigma_") ||
         name.starts_with("__metal") || name.starts_with("__builtin") ||
         isShapedTypeName(name);
}

std::string enigma::msl::getLegalName(StringRef name) {
  std::string legal;
  legal.reserve(name.size() + 1);
  while (!name.empty()) {
    unsigned char c = name.front();
    if (llvm::isAlnum(c) || c == '_') {
      legal += c;
      name = name.drop_front();
      continue;
    }
    if (c < 0x80) {
      legal += '_';
      name = name.drop_front();
      continue;
    }
    // A letter beyond ASCII becomes its code point, as in `u03b1`.
    const llvm::UTF8 *begin = name.bytes_begin(), *position = begin;
    llvm::UTF32 codePoint = 0;
    if (llvm::convertUTF8Sequence(&position, name.bytes_end(), &codePoint,
                                  llvm::lenientConversion) !=
            llvm::conversionOK ||
        position == begin)
      position = begin + 1;
    std::string digits = llvm::utohexstr(codePoint, /*LowerCase=*/true);
    legal += "u" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') +
             digits;
    name = name.drop_front(position - begin);
  }
  // C++ keeps names with two underscores, or with one before a capital, for
  // the compiler.
  if (legal.empty() || llvm::isDigit(legal.front()) ||
      StringRef(legal).starts_with("__") ||
      (legal.size() > 1 && legal[0] == '_' && llvm::isUpper(legal[1])))
    legal.insert(0, "v");
  if (isReservedName(legal))
    legal += '_';
  return legal;
}

void NameScopes::pop() {
  for (auto &[entry, before] : llvm::reverse(scopes.back()))
    entry->getValue() = before;
  scopes.pop_back();
}

StringRef NameScopes::makeVisible(NamedEntry &entry) {
  scopes.back().push_back({&entry, entry.getValue()});
  entry.getValue().isVisible = true;
  return entry.getKey();
}

NameScopes::NamedEntry &NameScopes::getLegal(StringRef name) {
  auto [known, isNew] = legalNames.try_emplace(name);
  if (isNew) {
    std::string legal = getLegalName(name);
    if (legal != name)
      renamed.insert({known->getKey(), legal});
    known->second = &*entries.try_emplace(legal).first;
  }
  return *known->second;
}

StringRef NameScopes::declare(StringRef name) {
  NamedEntry &base = getLegal(name);
  if (!base.getValue().isVisible)
    return makeVisible(base);
  scopes.back().push_back({&base, base.getValue()});
  llvm::SmallString<32> candidate = base.getKey();
  if (!base.getKey().ends_with("_"))
    candidate += '_';
  size_t size = candidate.size();
  while (true) {
    candidate.truncate(size);
    candidate += std::to_string(base.getValue().nextSuffix++);
    NamedEntry &entry = *entries.try_emplace(candidate).first;
    if (!entry.getValue().isVisible)
      return makeVisible(entry);
  }
}
