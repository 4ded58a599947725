// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The memory of arrays, as the extension module `_arrays` finds it.

#ifndef ENIGMA_BINDINGS_MEMORY_H
#define ENIGMA_BINDINGS_MEMORY_H

#include <nanobind/nanobind.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace enigma::python {
namespace nb = nanobind;

/// An object has a protocol, and what it says cannot be used.
struct Unusable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The memory of an array. Strides count elements.
struct Memory {
  uintptr_t address = 0;
  std::vector<int64_t> shape, strides;
  std::string dtype;
  int64_t itemBytes = 0;
  bool isReadOnly = false;
  const char *device = "cpu";
  /// What keeps the memory as it is.
  std::optional<Py_buffer> view;
  nb::object owner;

  Memory() = default;
  Memory(Memory &&other) noexcept
      : address(other.address), shape(std::move(other.shape)),
        strides(std::move(other.strides)), dtype(std::move(other.dtype)),
        itemBytes(other.itemBytes), isReadOnly(other.isReadOnly),
        device(other.device), view(std::exchange(other.view, std::nullopt)),
        owner(std::move(other.owner)) {}
  ~Memory() {
    if (view)
      PyBuffer_Release(&*view);
  }

  /// Lets go of what keeps the memory, and leaves only its description.
  void release() {
    if (view)
      PyBuffer_Release(&*view);
    view.reset();
    owner.reset();
  }

  int64_t getElements() const {
    int64_t elements = 1;
    for (int64_t extent : shape)
      elements *= extent;
    return elements;
  }

  /// From the first to the last element.
  int64_t getSpanBytes() const {
    int64_t last = 0;
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 0)
        return 0;
      last += (shape[i] - 1) * std::max<int64_t>(strides[i], 0);
    }
    return (last + 1) * itemBytes;
  }

  /// The strides of dense memory, the last mode the fastest.
  std::vector<int64_t> getDenseStrides() const {
    std::vector<int64_t> dense(shape.size());
    int64_t stride = 1;
    for (size_t i = shape.size(); i-- > 0; stride *= shape[i])
      dense[i] = stride;
    return dense;
  }

  bool isDense() const {
    std::vector<int64_t> dense = getDenseStrides();
    for (size_t i = 0; i < shape.size(); ++i)
      if (shape[i] > 1 && strides[i] != dense[i])
        return getElements() == 0;
    return true;
  }

  /// Whether it is dense memory of a dtype on a device, to be written or not.
  bool fits(const std::string &wanted, const std::string &place,
            bool isWritten) const {
    return address && address % itemBytes == 0 && dtype == wanted &&
           device == place && !(isWritten && isReadOnly) && isDense();
  }

  /// Whether two coordinates may have one address: strides, from the smallest
  /// on, step over all that the smaller ones reach.
  bool overlapsItself() const {
    std::vector<std::pair<int64_t, int64_t>> modes;
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 0)
        return false;
      if (shape[i] > 1)
        modes.push_back({std::abs(strides[i]), shape[i]});
    }
    std::sort(modes.begin(), modes.end());
    int64_t reached = 0;
    for (auto [stride, extent] : modes) {
      if (stride <= reached)
        return true;
      reached += stride * (extent - 1);
    }
    return false;
  }

  /// Whether a launch that takes one of them takes the other, too, where that
  /// is aligned as the elements have to be.
  bool isLike(const Memory &other) const {
    return dtype == other.dtype && shape == other.shape &&
           strides == other.strides && itemBytes == other.itemBytes &&
           isReadOnly == other.isReadOnly && !address == !other.address &&
           std::string_view(device) == other.device;
  }

  void setByteStrides(const int64_t *bytes) {
    for (size_t i = 0; i < shape.size(); ++i) {
      if (itemBytes == 0 || bytes[i] % itemBytes)
        throw Unusable("its strides are no multiples of its elements");
      strides.push_back(bytes[i] / itemBytes);
    }
  }
};

/// The memory of an object, or none where it has no protocol. Throws Unusable,
/// or what the object's own protocol raises.
std::optional<Memory> readMemory(nb::handle object);

/// Adds the class of the last launches to the module.
void registerRecentLaunches(nb::module_ &m);

/// Adds what compilations are known again by.
void registerCompilations(nb::module_ &m);
} // namespace enigma::python

#endif // ENIGMA_BINDINGS_MEMORY_H
