// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Takes the launcher through all that it does, against the stand-in, and says
// what was wrong: a result, an error, an object that is left, a fault in the
// stand-in's log.

#include "enigma/Runtime/Metal.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <functional>
#include <thread>

using namespace enigma::metal;

struct StandinArgument {
  int kind;
  unsigned long index;
  void *memory;
  unsigned long bytes;
};

static int failures;
static void expect(bool holds, const char *what) {
  if (holds)
    return;
  std::printf("expected: %s\n", what);
  ++failures;
}
#define EXPECT(condition) expect(condition, #condition)

static void expectError(Error::Kind kind, const char *part,
                        const std::function<void()> &action) {
  try {
    action();
  } catch (const Error &error) {
    if (error.kind != kind || !std::strstr(error.what(), part)) {
      std::printf("expected \"%s\", got \"%s\"\n", part, error.what());
      ++failures;
    }
    return;
  }
  std::printf("expected an error: %s\n", part);
  ++failures;
}

static unsigned long seenVersion;
static int seenFastMath;
static const char *compile(const char *source, int fastMath,
                           unsigned long version) {
  seenVersion = version;
  seenFastMath = fastMath;
  return std::strstr(source, "syntax") ? "program_source:1:1: error: syntax"
                                       : nullptr;
}

/// Adds the scalar at index 1 to the ints at index 0; "fail" fails.
static std::string seenKernels;
static unsigned long seenThreadgroup;
static unsigned long seenGrid[3], seenBlock[3];
static int seenThreads;
static const char *run(const char *, const char *kernel,
                       const StandinArgument *arguments, int count,
                       const unsigned long *grid, const unsigned long *block,
                       int threads) {
  seenKernels += std::string(kernel) + " ";
  if (!std::strcmp(kernel, "fail"))
    return "Caused GPU Address Fault Error";
  int *data = nullptr, value = 0;
  for (int i = 0; i < count; ++i) {
    const StandinArgument &argument = arguments[i];
    if (argument.kind == 2)
      seenThreadgroup = argument.bytes;
    else if (argument.index == 0)
      data = static_cast<int *>(argument.memory);
    else
      std::memcpy(&value, argument.memory, sizeof value);
  }
  for (unsigned long i = 0; i < grid[0]; ++i)
    data[i] += value;
  std::memcpy(seenGrid, grid, sizeof seenGrid);
  std::memcpy(seenBlock, block, sizeof seenBlock);
  seenThreads = threads;
  return nullptr;
}

static Argument scalar(const int &value) {
  return {Argument::Kind::Bytes, 1, nullptr, &value, sizeof value};
}

static Argument memory(const Buffer &buffer) {
  return {Argument::Kind::Buffer, 0, &buffer};
}

static void testLaunches(Device &device, const Pipeline &add) {
  Buffer buffer = device.allocate(16 * sizeof(int));
  auto *data = reinterpret_cast<int *>(buffer.contents());
  std::memset(data, 0, 16 * sizeof(int));
  // Across several command buffers, in order, with values of their own.
  for (int i = 1; i <= 1000; ++i)
    device.launch(add, {memory(buffer), scalar(i)}, {16, 1, 1}, {16, 1, 1},
                  true);
  device.synchronize();
  EXPECT(data[0] == 500500 && data[15] == 500500);
  EXPECT(device.seconds() > 0);
  device.launch(
      add,
      {memory(buffer), scalar(1), {Argument::Kind::Threadgroup, 0, {}, {}, 20}},
      {3, 1, 1}, {8, 4, 2}, false);
  device.synchronize();
  EXPECT(data[2] == 500501 && data[3] == 500500);
  EXPECT(seenThreadgroup == 32);
  EXPECT(seenThreads == 0 && seenBlock[1] == 4 && seenGrid[0] == 3);
  device.synchronize();
}

static void testHostMemory(Device &device, const Pipeline &add) {
  auto *pages = static_cast<char *>(std::aligned_alloc(16384, 4 * 16384));
  std::memset(pages, 0, 4 * 16384);
  // An array somewhere in the pages, over a border of them.
  auto *array = reinterpret_cast<int *>(pages + 16384 + 400);
  {
    Buffer buffer = device.wrap(array, 5000 * sizeof(int));
    EXPECT(buffer.buffer && buffer.offset == 400);
    if (!buffer.buffer)
      return;
    EXPECT(buffer.contents() == reinterpret_cast<char *>(array));
    device.launch(add, {memory(buffer), scalar(7)}, {5000, 1, 1}, {64, 1, 1},
                  true);
    // The buffer goes; what was launched keeps it.
  }
  device.synchronize();
  EXPECT(array[0] == 7 && array[4999] == 7 && array[-1] == 0 &&
         array[5000] == 0);
  EXPECT(!device.wrap(array, 0).buffer);
  std::free(pages);
}

static void testFaults(Device &device, const Pipeline &add,
                       const Pipeline &fail) {
  Buffer buffer = device.allocate(sizeof(int));
  auto *data = reinterpret_cast<int *>(buffer.contents());
  *data = 0;
  device.launch(add, {memory(buffer), scalar(1)}, {1, 1, 1}, {1, 1, 1}, true);
  device.launch(fail, {memory(buffer), scalar(1)}, {1, 1, 1}, {1, 1, 1}, true);
  device.launch(add, {memory(buffer), scalar(1)}, {1, 1, 1}, {1, 1, 1}, true);
  expectError(Error::Kind::Execution, "fail: Caused GPU Address Fault",
              [&] { device.synchronize(); });
  EXPECT(*data == 1);
  // It is told once, and the device goes on.
  device.launch(add, {memory(buffer), scalar(1)}, {1, 1, 1}, {1, 1, 1}, true);
  device.synchronize();
  EXPECT(*data == 2);
  // Also when the command buffer was waited for in passing.
  device.launch(fail, {memory(buffer), scalar(1)}, {1, 1, 1}, {1, 1, 1}, true);
  for (int i = 0; i < 1000; ++i)
    device.launch(add, {memory(buffer), scalar(1)}, {1, 1, 1}, {1, 1, 1}, true);
  expectError(Error::Kind::Execution, "fail: Caused GPU Address Fault",
              [&] { device.synchronize(); });
}

static void testThreads(Device &device, const Pipeline &add) {
  Buffer buffer = device.allocate(sizeof(int));
  auto *data = reinterpret_cast<int *>(buffer.contents());
  *data = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 200; ++j)
        device.launch(add, {memory(buffer), scalar(1)}, {1, 1, 1}, {1, 1, 1},
                      true);
      device.synchronize();
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT(*data == 800);
}

static void testErrors(Device &device, void (*refuse)(const char *),
                       void (*allow)()) {
  expectError(Error::Kind::Compilation, "program_source:1:1: error: syntax",
              [&] { device.compile("syntax", true, 0); });
  Library library = device.compile("kernel void add() {}", false, 0x30001);
  EXPECT(seenVersion == 0x30001 && seenFastMath == 0);
  expectError(Error::Kind::Pipeline, "Function missing was not found",
              [&] { library.pipeline("missing", {}); });
  expectError(
      Error::Kind::Pipeline, "no function constant has type double",
      [&] { library.pipeline("add", {{"double", 0, std::vector<char>(8)}}); });
  Pipeline set = library.pipeline("add", {{"float", 3, std::vector<char>(4)},
                                          {"bool", 4, std::vector<char>(1)}});
  EXPECT(set.maxThreads() == 1024 && set.simdWidth() == 32 &&
         set.threadgroupBytes() == 0);
  expectError(Error::Kind::Compilation, "Invalid library file",
              [&] { device.load("text", 4); });
  const char metallib[] = "MTLBkernel void add() {}";
  EXPECT(device.load(metallib, sizeof metallib).pipeline("add", {}).name ==
         "add");
  refuse("pipeline");
  expectError(Error::Kind::Pipeline, "exceeds available registers",
              [&] { library.pipeline("add", {}); });
  refuse("buffer");
  refuse("wrap");
  expectError(Error::Kind::Memory, "no buffer of 64 bytes",
              [&] { device.allocate(64); });
  int value;
  EXPECT(!device.wrap(&value, sizeof value).buffer);
  refuse("capture");
  expectError(Error::Kind::Execution, "Capturing is not supported",
              [&] { device.startCapture("x.gputrace"); });
  allow();
}

int main(int, char **arguments) {
  const char *standin = arguments[1];
  void *library = dlopen(standin, RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    std::printf("%s\n", dlerror());
    return 2;
  }
  auto find = [&](auto *&function, const char *name) {
    function = reinterpret_cast<decltype(&*function)>(dlsym(library, name));
  };
  void (*install)(decltype(&compile), decltype(&run));
  void (*refuse)(const char *), (*allow)();
  long (*live)(), (*faults)();
  const char *(*log)();
  find(install, "standinInstall");
  find(refuse, "standinRefuse");
  find(allow, "standinAllow");
  find(live, "standinLiveObjects");
  find(faults, "standinFaults");
  find(log, "standinLog");
  install(compile, run);

  expectError(Error::Kind::NoDevice, "/missing",
              [] { Device::open("/missing", "/missing"); });
  for (const char *what : {"device", "queue"}) {
    refuse(what);
    expectError(Error::Kind::NoDevice, what,
                [&] { Device::open(standin, standin); });
    allow();
  }
  {
    std::shared_ptr<Device> device = Device::open(standin, standin);
    EXPECT(device->name() == "Stand-in");
    EXPECT(device->maxThreadgroupBytes() == 32768 &&
           device->maxBufferBytes() == 1ul << 32);
    Library kernels =
        device->compile("kernel void add() {} kernel void fail() {}", true, 0);
    EXPECT(seenFastMath == 1 && seenVersion == 0);
    Pipeline add = kernels.pipeline("add", {});
    Pipeline fail = kernels.pipeline("fail", {});
    testLaunches(*device, add);
    testHostMemory(*device, add);
    testFaults(*device, add, fail);
    testThreads(*device, add);
    device->startCapture("x.gputrace");
    device->stopCapture();
    testErrors(*device, refuse, allow);
    // What nobody waited for runs to its end.
    Buffer buffer = device->allocate(sizeof(int));
    seenKernels.clear();
    device->launch(add, {memory(buffer), scalar(1)}, {1, 1, 1}, {1, 1, 1},
                   true);
    device.reset();
    EXPECT(seenKernels == "add ");
  }
  if (live())
    std::printf("%ld objects are left\n", live());
  if (faults())
    std::printf("%ld faults:\n%.2000s", faults(), log());
  return failures || live() || faults();
}
