// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Runtime/Metal.h"

#include "ObjectiveC.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

using namespace enigma::metal;

/// Launches that share a command buffer, and command buffers under way.
static constexpr unsigned kLaunches = 64, kCommandBuffers = 8;
/// Memory of the host is shared with the GPU in pages of this size.
static constexpr uintptr_t kPage = 16384;
/// A multiple of this is the length of an array in threadgroup memory.
static constexpr size_t kThreadgroupUnit = 16;

static constexpr unsigned long kStorageModeShared = 0;
static constexpr unsigned long kErrorOptionEncoderStatus = 1;
static constexpr unsigned long kEncoderFaulted = 4;
/// From here on, a command buffer is done, or has failed.
static constexpr unsigned long kStatusCompleted = 4;
static constexpr unsigned long kMathModeSafe = 0, kMathModeFast = 2;
static constexpr long kCaptureDestinationTraceDocument = 2;

//===----------------------------------------------------------------------===//
// Objects
//===----------------------------------------------------------------------===//

static const auto &selectors = runtime.selectors;

Object Object::share(void *object) {
  return take(send(object, selectors.retain));
}

Object::~Object() {
  if (object)
    send<void>(object, selectors.release);
}

static Object create(const char *name) {
  id allocated = send(runtime.getClass(name), selectors.alloc);
  return Object::take(send(allocated, selectors.init));
}

static Object makeString(const std::string &text) {
  id allocated = send(runtime.getClass("NSString"), selectors.alloc);
  return Object::take(send<id, const char *>(
      allocated, selectors.initWithUTF8String, text.c_str()));
}

static std::string getText(id string) {
  const char *text = send<const char *>(string, selectors.UTF8String);
  return text ? text : "";
}

static std::string describe(id error) {
  return error ? getText(send(error, selectors.localizedDescription))
               : "Metal says nothing";
}

static bool responds(id object, SEL selector) {
  return send<bool, SEL>(object, selectors.respondsToSelector, selector);
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// Metal's number of a type.
static unsigned long getDataType(const std::string &name) {
  static constexpr std::pair<const char *, unsigned long> kTypes[] = {
      {"float", 3},  {"half", 16},   {"int", 29},   {"uint", 33},
      {"short", 37}, {"ushort", 41}, {"char", 45},  {"uchar", 49},
      {"bool", 53},  {"long", 81},   {"ulong", 85}, {"bfloat", 121},
  };
  for (auto [known, number] : kTypes)
    if (name == known)
      return number;
  throw Error(Error::Kind::Pipeline, "no function constant has type " + name);
}

Pipeline
Library::pipeline(const std::string &name,
                  const std::vector<FunctionConstant> &constants) const {
  Pool pool;
  Object values = create("MTLFunctionConstantValues");
  for (const FunctionConstant &constant : constants)
    send<void, const void *, unsigned long, unsigned long>(
        values.get(), selectors.setConstantValue, constant.bytes.data(),
        getDataType(constant.type), constant.index);
  id error = nullptr;
  Object text = makeString(name);
  Object function = Object::take(
      send<id, id, id, id *>(library.get(), selectors.newFunctionWithName,
                             text.get(), values.get(), &error));
  if (!function)
    throw Error(Error::Kind::Pipeline, describe(error));
  Pipeline result{name, Object::take(send<id, id, id *>(
                            device.get(), selectors.newComputePipelineState,
                            function.get(), &error))};
  if (!result.state)
    throw Error(Error::Kind::Pipeline, describe(error));
  return result;
}

unsigned long Pipeline::maxThreads() const {
  return send<unsigned long>(state.get(),
                             selectors.maxTotalThreadsPerThreadgroup);
}

unsigned long Pipeline::simdWidth() const {
  return send<unsigned long>(state.get(), selectors.threadExecutionWidth);
}

unsigned long Pipeline::threadgroupBytes() const {
  return send<unsigned long>(state.get(),
                             selectors.staticThreadgroupMemoryLength);
}

char *Buffer::contents() const {
  return send<char *>(buffer.get(), selectors.contents) + offset;
}

//===----------------------------------------------------------------------===//
// Device
//===----------------------------------------------------------------------===//

struct Device::State {
  Object device, queue;
  std::mutex mutex;
  /// What launches are encoded into, and how many there are.
  Object recording;
  unsigned launches = 0;
  std::deque<Object> committed;
  double seconds = 0;
  /// What went wrong in a command buffer that was waited for in passing.
  std::string failure;

  void commit();
  void waitForOldest();
};

Device::Device() : state(std::make_unique<State>()) {}

std::shared_ptr<Device> Device::open(const std::string &objectiveC,
                                     const std::string &metal) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  if (!runtime.message) {
    std::string failure = openRuntime(objectiveC.c_str(), metal.c_str());
    if (!failure.empty())
      throw Error(Error::Kind::NoDevice, failure);
  }
  Pool pool;
  std::shared_ptr<Device> device(new Device);
  device->state->device = Object::take(runtime.createDevice());
  if (!device->state->device)
    throw Error(Error::Kind::NoDevice, "the system has no Metal device");
  device->state->queue = Object::take(
      send(device->state->device.get(), selectors.newCommandQueue));
  if (!device->state->queue)
    throw Error(Error::Kind::NoDevice, "the Metal device gives no queue");
  return device;
}

Device::~Device() {
  // What was launched runs to its end: its memory is in use until then.
  std::lock_guard lock(state->mutex);
  if (!state->queue)
    return;
  Pool pool;
  state->commit();
  while (!state->committed.empty())
    state->waitForOldest();
}

std::string Device::name() const {
  Pool pool;
  return getText(send(state->device.get(), selectors.name));
}

unsigned long Device::maxThreadgroupBytes() const {
  return send<unsigned long>(state->device.get(),
                             selectors.maxThreadgroupMemoryLength);
}

unsigned long Device::maxBufferBytes() const {
  return send<unsigned long>(state->device.get(), selectors.maxBufferLength);
}

Library Device::compile(const std::string &source, bool fastMath,
                        unsigned long languageVersion) const {
  Pool pool;
  Object options = create("MTLCompileOptions");
  if (languageVersion)
    send<void, unsigned long>(options.get(), selectors.setLanguageVersion,
                              languageVersion);
  // From macOS 15 on there is more than fast or not.
  if (responds(options.get(), selectors.setMathMode))
    send<void, unsigned long>(options.get(), selectors.setMathMode,
                              fastMath ? kMathModeFast : kMathModeSafe);
  else
    send<void, bool>(options.get(), selectors.setFastMathEnabled, fastMath);
  id error = nullptr;
  Object text = makeString(source);
  Library result{Object::share(state->device.get()),
                 Object::take(send<id, id, id, id *>(
                     state->device.get(), selectors.newLibraryWithSource,
                     text.get(), options.get(), &error))};
  if (!result.library)
    throw Error(Error::Kind::Compilation, describe(error));
  return result;
}

Library Device::load(const void *metallib, size_t bytes) const {
  Pool pool;
  id error = nullptr;
  // Without a destructor the bytes are copied.
  Object data =
      Object::take(runtime.createData(metallib, bytes, nullptr, nullptr));
  Library result{Object::share(state->device.get()),
                 Object::take(send<id, id, id *>(state->device.get(),
                                                 selectors.newLibraryWithData,
                                                 data.get(), &error))};
  if (!result.library)
    throw Error(Error::Kind::Compilation, describe(error));
  return result;
}

Buffer Device::allocate(size_t bytes) const {
  Pool pool;
  // Metal has no buffer of nothing.
  Buffer result{Object::take(send<id, unsigned long, unsigned long>(
      state->device.get(), selectors.newBufferWithLength,
      bytes ? bytes : kThreadgroupUnit, kStorageModeShared))};
  if (!result.buffer)
    throw Error(Error::Kind::Memory, "Metal grants no buffer of " +
                                         std::to_string(bytes) + " bytes");
  result.bytes = bytes;
  return result;
}

Buffer Device::wrap(void *memory, size_t bytes) const {
  Pool pool;
  uintptr_t address = reinterpret_cast<uintptr_t>(memory);
  uintptr_t first = address & ~(kPage - 1);
  uintptr_t last = (address + bytes + kPage - 1) & ~(kPage - 1);
  Buffer result;
  if (bytes)
    result.buffer =
        Object::take(send<id, void *, unsigned long, unsigned long, id>(
            state->device.get(), selectors.newBufferWithBytesNoCopy,
            reinterpret_cast<void *>(first), last - first, kStorageModeShared,
            nullptr));
  result.offset = address - first;
  result.bytes = bytes;
  return result;
}

void Device::launch(const Pipeline &pipeline,
                    const std::vector<Argument> &arguments, Extent grid,
                    Extent block, bool threads) {
  std::lock_guard lock(state->mutex);
  Pool pool;
  if (!state->recording) {
    Object descriptor = create("MTLCommandBufferDescriptor");
    send<void, unsigned long>(descriptor.get(), selectors.setErrorOptions,
                              kErrorOptionEncoderStatus);
    state->recording = Object::share(
        send<id, id>(state->queue.get(), selectors.commandBufferWithDescriptor,
                     descriptor.get()));
  }
  // One encoder a launch: an error says which of them it was.
  id encoder = send(state->recording.get(), selectors.computeCommandEncoder);
  Object label = makeString(pipeline.name);
  send<void, id>(encoder, selectors.setLabel, label.get());
  send<void, id>(encoder, selectors.setComputePipelineState,
                 pipeline.state.get());
  for (const Argument &argument : arguments) {
    switch (argument.kind) {
    case Argument::Kind::Buffer:
      send<void, id, unsigned long, unsigned long>(
          encoder, selectors.setBuffer, argument.buffer->buffer.get(),
          argument.buffer->offset, argument.index);
      break;
    case Argument::Kind::Bytes:
      send<void, const void *, unsigned long, unsigned long>(
          encoder, selectors.setBytes, argument.bytes, argument.length,
          argument.index);
      break;
    case Argument::Kind::Threadgroup:
      send<void, unsigned long, unsigned long>(
          encoder, selectors.setThreadgroupMemoryLength,
          (argument.length + kThreadgroupUnit - 1) / kThreadgroupUnit *
              kThreadgroupUnit,
          argument.index);
      break;
    }
  }
  send<void, Extent, Extent>(encoder,
                             threads ? selectors.dispatchThreads
                                     : selectors.dispatchThreadgroups,
                             grid, block);
  send<void>(encoder, selectors.endEncoding);
  if (++state->launches == kLaunches)
    state->commit();
}

void Device::State::commit() {
  if (!recording)
    return;
  send<void>(recording.get(), selectors.commit);
  committed.push_back(std::move(recording));
  recording = Object();
  launches = 0;
  if (committed.size() > kCommandBuffers)
    waitForOldest();
}

/// The kernels whose encoders faulted, as far as the error tells.
static std::string getFaulted(id error) {
  std::string names;
  id infos = send<id, id>(send(error, selectors.userInfo),
                          selectors.objectForKey, *runtime.encoderInfoKey);
  unsigned long count = send<unsigned long>(infos, selectors.count);
  for (unsigned long i = 0; i < count; ++i) {
    id info = send<id, unsigned long>(infos, selectors.objectAtIndex, i);
    if (send<unsigned long>(info, selectors.errorState) != kEncoderFaulted)
      continue;
    names += names.empty() ? "" : ", ";
    names += getText(send(info, selectors.label));
  }
  return names;
}

/// Looks whether a command buffer is done, often at first: Metal's own wait is
/// not interrupted. Gives whether it is. What is asked may launch, and wait.
static bool waitFor(id buffer, bool (*ask)(),
                    std::unique_lock<std::mutex> &lock) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::microseconds kEager{200}, kLongest{2000};
  constexpr std::chrono::milliseconds kPatience{20};
  Clock::time_point start = Clock::now(), asked = start;
  while (send<unsigned long>(buffer, selectors.status) < kStatusCompleted) {
    Clock::time_point now = Clock::now();
    if (now - asked > kPatience) {
      lock.unlock();
      bool stop = ask();
      lock.lock();
      if (stop)
        return false;
      asked = now;
    }
    // A small part of the time is waited in vain.
    if (now - start < kEager)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(
          std::min<Clock::duration>((now - start) / 16, kLongest));
  }
  return true;
}

void Device::State::waitForOldest() {
  Object buffer = std::move(committed.front());
  committed.pop_front();
  send<void>(buffer.get(), selectors.waitUntilCompleted);
  if (id error = send(buffer.get(), selectors.error)) {
    std::string names = getFaulted(error);
    failure += failure.empty() ? "" : "; ";
    failure += names.empty() ? describe(error) : names + ": " + describe(error);
  }
  seconds += send<double>(buffer.get(), selectors.GPUEndTime) -
             send<double>(buffer.get(), selectors.GPUStartTime);
}

bool Device::synchronize(bool (*ask)()) {
  std::unique_lock lock(state->mutex);
  Pool pool;
  state->commit();
  while (!state->committed.empty()) {
    if (ask) {
      Object oldest = Object::share(state->committed.front().get());
      if (!waitFor(oldest.get(), ask, lock))
        return false;
      // What was asked launched something, or waited for it already.
      state->commit();
      if (state->committed.empty() ||
          state->committed.front().get() != oldest.get())
        continue;
    }
    state->waitForOldest();
  }
  if (state->failure.empty())
    return true;
  throw Error(Error::Kind::Execution, std::exchange(state->failure, {}));
}

double Device::seconds() const {
  std::lock_guard lock(state->mutex);
  return state->seconds;
}

void Device::startCapture(const std::string &path) {
  synchronize();
  std::lock_guard lock(state->mutex);
  Pool pool;
  Object descriptor = create("MTLCaptureDescriptor");
  Object text = makeString(path);
  id url = send<id, id>(runtime.getClass("NSURL"), selectors.fileURLWithPath,
                        text.get());
  send<void, id>(descriptor.get(), selectors.setCaptureObject,
                 state->device.get());
  send<void, long>(descriptor.get(), selectors.setDestination,
                   kCaptureDestinationTraceDocument);
  send<void, id>(descriptor.get(), selectors.setOutputURL, url);
  id error = nullptr;
  id manager = send(runtime.getClass("MTLCaptureManager"),
                    selectors.sharedCaptureManager);
  if (!send<bool, id, id *>(manager, selectors.startCapture, descriptor.get(),
                            &error))
    throw Error(Error::Kind::Execution, describe(error));
}

void Device::stopCapture() {
  synchronize();
  Pool pool;
  send<void>(send(runtime.getClass("MTLCaptureManager"),
                  selectors.sharedCaptureManager),
             selectors.stopCapture);
}
