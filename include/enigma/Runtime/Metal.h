// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Launching kernels on a GPU of Apple's: Metal through the C functions of the
// Objective-C runtime, which are opened when a device is. So this is plain C++
// that builds everywhere, and links no framework.

#ifndef ENIGMA_RUNTIME_METAL_H
#define ENIGMA_RUNTIME_METAL_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace enigma::metal {

/// What Metal refused, in its words where it has some.
class Error : public std::runtime_error {
public:
  enum class Kind { NoDevice, Compilation, Pipeline, Memory, Execution };
  Error(Kind kind, const std::string &message)
      : std::runtime_error(message), kind(kind) {}
  Kind kind;
};

/// An object of Objective-C that is owned: released when this goes.
class Object {
public:
  Object() = default;
  /// Takes over what the runtime gave with a reference count of its own.
  static Object take(void *object) { return Object(object); }
  /// Shares what somebody else owns.
  static Object share(void *object);
  Object(Object &&other) noexcept : object(other.object) {
    other.object = nullptr;
  }
  Object &operator=(Object &&other) noexcept {
    std::swap(object, other.object);
    return *this;
  }
  ~Object();
  void *get() const { return object; }
  explicit operator bool() const { return object; }

private:
  explicit Object(void *object) : object(object) {}
  void *object = nullptr;
};

struct Extent {
  unsigned long x, y, z;
};

/// A value for `[[function_constant(index)]]`.
struct FunctionConstant {
  std::string type; // Metal's name of it, such as "float"
  unsigned long index;
  std::vector<char> bytes;
};

/// A kernel that is ready to be launched.
class Pipeline {
public:
  std::string name;
  /// The most threads of a threadgroup, which registers may limit.
  unsigned long maxThreads() const;
  /// The threads of a SIMD group.
  unsigned long simdWidth() const;
  /// The threadgroup memory that the kernel declares.
  unsigned long threadgroupBytes() const;

  Object state;
};

/// The kernels of one text.
class Library {
public:
  /// Throws Error where there is no such kernel, or the device cannot run it.
  Pipeline pipeline(const std::string &name,
                    const std::vector<FunctionConstant> &constants) const;

  Object device, library;
};

/// Memory that the GPU sees.
class Buffer {
public:
  /// Where the CPU sees it.
  char *contents() const;

  Object buffer;
  size_t offset = 0; ///< where what it stands for begins
  size_t bytes = 0;  ///< what it stands for, from there
};

/// An argument of a launch: what of a buffer begins at `offset`, the bytes of a
/// scalar, or the length of an array in threadgroup memory.
struct Argument {
  enum class Kind { Buffer, Bytes, Threadgroup } kind;
  unsigned long index;
  const Buffer *buffer = nullptr;
  const void *bytes = nullptr;
  size_t length = 0;
};

/// A GPU with a queue. Launches run in order; many of them share a command
/// buffer, which is committed when it is full or somebody waits. May be used by
/// several threads.
class Device {
public:
  /// Opens the libraries of the Objective-C runtime and of Metal, once in a
  /// process, and their default device.
  static std::shared_ptr<Device> open(const std::string &runtime,
                                      const std::string &metal);
  ~Device();

  std::string name() const;
  unsigned long maxThreadgroupBytes() const;
  unsigned long maxBufferBytes() const;

  /// `languageVersion` is Metal's number, (major << 16) + minor; 0 leaves the
  /// choice to Metal.
  Library compile(const std::string &source, bool fastMath,
                  unsigned long languageVersion) const;
  Library load(const void *metallib, size_t bytes) const;

  Buffer allocate(size_t bytes) const;
  /// The pages that cover memory of the host, as they are. Has no buffer where
  /// Metal does not take them.
  Buffer wrap(void *memory, size_t bytes) const;

  /// `threads` says whether `grid` counts threads, or threadgroups.
  void launch(const Pipeline &pipeline, const std::vector<Argument> &arguments,
              Extent grid, Extent block, bool threads);
  /// Waits for all launches. Throws Error with the names of the kernels that
  /// faulted; later launches are not affected.
  ///
  /// If `ask` is given, it says now and then whether to stop waiting: then this
  /// returns false, and what runs on the GPU goes on.
  bool synchronize(bool (*ask)() = nullptr);
  /// Seconds that the GPU spent on what has been waited for.
  double seconds() const;

  /// Records all launches from here to `stopCapture` into a `.gputrace`, which
  /// needs MTL_CAPTURE_ENABLED=1 in the environment.
  void startCapture(const std::string &path);
  void stopCapture();

private:
  Device();
  struct State;
  std::unique_ptr<State> state;
};

} // namespace enigma::metal

#endif // ENIGMA_RUNTIME_METAL_H
