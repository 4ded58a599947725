// -*- C++ -*-
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of tiles by Metal Performance Primitives, of `execution_simdgroups`.
// What Apple's header asserts is asserted here.

#ifndef ENIGMA_CONFORMANCE_METAL_PERFORMANCE_PRIMITIVES
#define ENIGMA_CONFORMANCE_METAL_PERFORMANCE_PRIMITIVES

#pragma clang system_header

#include "../metal_tensor"

namespace mpp {
namespace tensor_ops {

struct matmul2d_descriptor {
  enum class mode { multiply, multiply_accumulate };

  int m, n, k;
  bool transpose_left, transpose_right;
  bool relaxed_precision;
  mode matmul_mode;

  constexpr matmul2d_descriptor(int m, int n,
                                int k = static_cast<int>(metal::dynamic_extent),
                                bool transpose_left = false,
                                bool transpose_right = false,
                                bool relaxed_precision = false,
                                mode matmul_mode = mode::multiply)
      : m(m), n(n), k(k), transpose_left(transpose_left),
        transpose_right(transpose_right), relaxed_precision(relaxed_precision),
        matmul_mode(matmul_mode) {}
};

namespace detail {

using metal::is_same_v;

template <class T> inline constexpr bool is_scope = false;
template <size_t N>
inline constexpr bool is_scope<metal::execution_simdgroups<N>> = true;

/// The list of Apple's header: left, right, destination.
template <class Left, class Right, class Sum> constexpr bool is_supported() {
#define ENIGMA_TYPES(L, R, S)                                                  \
  (is_same_v<Left, L> && is_same_v<Right, R> && is_same_v<Sum, S>)
  return ENIGMA_TYPES(half, half, half) || ENIGMA_TYPES(half, int8_t, half) ||
         ENIGMA_TYPES(int8_t, half, half) || ENIGMA_TYPES(half, half, float) ||
         ENIGMA_TYPES(half, float, float) ||
         ENIGMA_TYPES(half, int8_t, float) ||
         ENIGMA_TYPES(float, half, float) ||
         ENIGMA_TYPES(float, float, float) ||
         ENIGMA_TYPES(float, int8_t, float) ||
         ENIGMA_TYPES(int8_t, half, float) ||
         ENIGMA_TYPES(int8_t, float, float) ||
         ENIGMA_TYPES(int8_t, int8_t, int32_t) ||
         ENIGMA_TYPES(bfloat, bfloat, bfloat) ||
         ENIGMA_TYPES(bfloat, bfloat, float) ||
         ENIGMA_TYPES(bfloat, float, float) ||
         ENIGMA_TYPES(bfloat, int8_t, bfloat) ||
         ENIGMA_TYPES(bfloat, int8_t, float) ||
         ENIGMA_TYPES(float, bfloat, float) ||
         ENIGMA_TYPES(int8_t, bfloat, bfloat) ||
         ENIGMA_TYPES(int8_t, bfloat, float) ||
         ENIGMA_TYPES(bfloat, half, bfloat) ||
         ENIGMA_TYPES(bfloat, half, half) ||
         ENIGMA_TYPES(bfloat, half, float) ||
         ENIGMA_TYPES(half, bfloat, bfloat) ||
         ENIGMA_TYPES(half, bfloat, half) || ENIGMA_TYPES(half, bfloat, float);
#undef ENIGMA_TYPES
}

template <matmul2d_descriptor Descriptor, class Scope, class Left, class Right,
          class Element, class Coordinate>
struct operand_layout {
  static_assert(is_supported<Left, Right, Element>(), "Unsupported type");
  static_assert(is_same_v<Coordinate, int>, "only coordinates of int are here");
  static constexpr matmul2d_descriptor descriptor = Descriptor;
  static constexpr unsigned rows = Descriptor.m, columns = Descriptor.n;
  using scope = Scope;
  using left = Left;
  using right = Right;
};

template <class T> struct value_of;
template <class Element, class Extents>
struct value_of<metal::tensor<Element, Extents, metal::tensor_inline>> {
  using type = typename metal::detail::without_space<Element>::type;
};

/// Products of floats are summed as floats, and rounded once.
template <class Sum> struct accumulator {
  using type = float;
};
template <> struct accumulator<int32_t> {
  using type = int32_t;
};

} // namespace detail

template <matmul2d_descriptor Descriptor, class Scope, class... Args>
class matmul2d {
  static_assert(detail::is_scope<Scope>,
                "Scope template argument should be of op_scope type");
  static_assert(Descriptor.m % 16 == 0 || Descriptor.n % 16 == 0,
                "At least one of M or N must be a multiple of 16");
  static_assert(Descriptor.m % 8 == 0 && Descriptor.n % 8 == 0,
                "M and N must be multiples of 8");
  static_assert(Descriptor.k == static_cast<int>(metal::dynamic_extent) ||
                    Descriptor.k % 16 == 0,
                "K must be dynamic or a multiple of 16");

public:
  template <class Left, class Right, class Element, class Coordinate,
            class... CoopArgs>
  using cooperative_tensor_destination_t = metal::cooperative_tensor<
      Element, metal::dextents<Coordinate, 2>,
      detail::operand_layout<
          Descriptor, Scope, typename detail::value_of<Left>::type,
          typename detail::value_of<Right>::type, Element, Coordinate>>;

  template <class Left, class Right, class Element, class Coordinate = int>
  cooperative_tensor_destination_t<Left, Right, Element, Coordinate>
  get_destination_cooperative_tensor() const {
    return {};
  }

  template <class Left, class Right, class Element, class Extents, class Layout>
  void run(Left &left, Right &right,
           metal::cooperative_tensor<Element, Extents, Layout> &destination,
           ENIGMA_SITE) const {
    static_assert(detail::is_same_v<typename detail::value_of<Left>::type,
                                    typename Layout::left> &&
                      detail::is_same_v<typename detail::value_of<Right>::type,
                                        typename Layout::right>,
                  "Input types must match cooperative tensor types");
    static_assert(
        Layout::descriptor.m == Descriptor.m &&
            Layout::descriptor.n == Descriptor.n &&
            Layout::descriptor.k == Descriptor.k &&
            Layout::descriptor.transpose_left == Descriptor.transpose_left &&
            Layout::descriptor.transpose_right == Descriptor.transpose_right &&
            Layout::descriptor.relaxed_precision ==
                Descriptor.relaxed_precision &&
            Layout::descriptor.matmul_mode == Descriptor.matmul_mode &&
            detail::is_same_v<typename Layout::scope, Scope>,
        "Destination must be a cooperative tensor of this product");
    Scope::enter(site);
    constexpr bool isLeft = Descriptor.transpose_left,
                   isRight = Descriptor.transpose_right;
    int depth = Descriptor.k;
    if (depth == static_cast<int>(metal::dynamic_extent))
      depth = left.get_extents().extent(isLeft ? 1 : 0);
    using Sum = typename detail::accumulator<Element>::type;
    for (unsigned i = 0; i < destination.get_capacity(); ++i) {
      if (!destination.is_valid_element(i))
        continue;
      int row = destination.row_of(i), column = destination.column_of(i);
      Sum sum = Descriptor.matmul_mode ==
                        matmul2d_descriptor::mode::multiply_accumulate
                    ? Sum(destination[i])
                    : Sum(0);
      for (int k = 0; k < depth; ++k)
        sum += Sum(isLeft ? left.at(row, k) : left.at(k, row)) *
               Sum(isRight ? right.at(k, column) : right.at(column, k));
      destination[i] = Element(sum);
    }
    // Nobody changes the factors before all have read them.
    Scope::enter(site);
  }
};

} // namespace tensor_ops
} // namespace mpp

#endif // ENIGMA_CONFORMANCE_METAL_PERFORMANCE_PRIMITIVES
