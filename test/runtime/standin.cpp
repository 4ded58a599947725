// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A stand-in for the Objective-C runtime and Metal, so that the launcher runs
// where there is neither. It answers the messages that the launcher sends,
// counts the references of every object, and keeps a log of what Metal would
// not forgive: a message to a dead object, an object that is released too often
// or left over, an encoder that is not ended, memory that nobody allocated.
// Kernels are executed by a function that the test installs.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#define STANDIN_API extern "C" __attribute__((visibility("default")))

//===----------------------------------------------------------------------===//
// What the test sees
//===----------------------------------------------------------------------===//

/// An argument of a launch as a kernel gets it.
struct StandinArgument {
  enum Kind : int { Buffer, Bytes, Threadgroup } kind;
  unsigned long index;
  void *memory;
  unsigned long bytes;
};

struct StandinExtent {
  unsigned long x, y, z;
};

/// Each gives null, or what went wrong.
using StandinCompile = const char *(*)(const char *source, int fastMath,
                                       unsigned long languageVersion);
using StandinRun = const char *(*)(const char *source, const char *kernel,
                                   const StandinArgument *arguments, int count,
                                   const StandinExtent *grid,
                                   const StandinExtent *block, int threads);

static StandinCompile compileHook;
static StandinRun runHook;
static std::recursive_mutex mutex;
static std::string faults;
static long faultCount, liveCount;
/// What is refused.
static std::set<std::string> refused;

static void fault(const std::string &what) {
  std::lock_guard lock(mutex);
  ++faultCount;
  faults += what + "\n";
}

static bool isRefused(const char *what) {
  std::lock_guard lock(mutex);
  return refused.count(what) != 0;
}

STANDIN_API void standinInstall(StandinCompile compile, StandinRun run) {
  compileHook = compile;
  runHook = run;
}
STANDIN_API long standinFaults() { return faultCount; }
STANDIN_API long standinLiveObjects() { return liveCount; }
STANDIN_API const char *standinLog() { return faults.c_str(); }
STANDIN_API void standinAllow() { refused.clear(); }
/// From here on refuses: "device", "queue", "buffer", "wrap", "pipeline",
/// "capture", or grants fewer "threads", or does not come to an "end", until
/// `standinAllow`.
STANDIN_API void standinRefuse(const char *what) { refused.insert(what); }

//===----------------------------------------------------------------------===//
// Objects and messages
//===----------------------------------------------------------------------===//

using SEL = const char *;
using Method = void (*)();

struct Class;
struct Object {
  Class *isa;
  long references;
};
struct Class : Object {
  const char *name;
  std::map<SEL, Method> methods;
  void (*destroy)(Object *);
};

/// By address, as names are made unique.
STANDIN_API SEL sel_registerName(const char *name) {
  static std::set<std::string> names;
  std::lock_guard lock(mutex);
  return names.insert(name).first->c_str();
}

static Class *findClass(const char *name) {
  static std::map<std::string, Class *> classes;
  std::lock_guard lock(mutex);
  Class *&found = classes[name];
  if (!found) {
    auto *meta = new Class{{nullptr, 1}, name, {}, nullptr};
    found = new Class{{meta, 1}, name, {}, nullptr};
  }
  return found;
}

STANDIN_API void *objc_getClass(const char *name) {
  Class *found = findClass(name);
  return found->methods.empty() && found->isa->methods.empty() ? nullptr
                                                               : found;
}

STANDIN_API Method standinFindMethod(Object *receiver, SEL selector) {
  bool isClass = receiver->isa == nullptr || receiver->isa->isa == nullptr;
  if (!isClass && receiver->references <= 0)
    fault(std::string("message ") + selector + " to a dead " +
          receiver->isa->name);
  auto found = receiver->isa->methods.find(selector);
  if (found == receiver->isa->methods.end()) {
    std::fprintf(stderr, "stand-in: %s does not know %s\n", receiver->isa->name,
                 selector);
    std::abort();
  }
  return found->second;
}

// Looks the method up, and jumps to it with the arguments as they came.
#if defined(__x86_64__)
asm(R"(
.text
.globl objc_msgSend
.type objc_msgSend, @function
objc_msgSend:
  testq %rdi, %rdi
  je 1f
  pushq %rbp
  movq %rsp, %rbp
  pushq %rdi
  pushq %rsi
  pushq %rdx
  pushq %rcx
  pushq %r8
  pushq %r9
  subq $64, %rsp
  movups %xmm0, (%rsp)
  movups %xmm1, 16(%rsp)
  movups %xmm2, 32(%rsp)
  movups %xmm3, 48(%rsp)
  call standinFindMethod@PLT
  movq %rax, %r11
  movups (%rsp), %xmm0
  movups 16(%rsp), %xmm1
  movups 32(%rsp), %xmm2
  movups 48(%rsp), %xmm3
  addq $64, %rsp
  popq %r9
  popq %r8
  popq %rcx
  popq %rdx
  popq %rsi
  popq %rdi
  popq %rbp
  jmp *%r11
1:
  xorl %eax, %eax
  xorps %xmm0, %xmm0
  ret
.size objc_msgSend, .-objc_msgSend
)");
#elif defined(__aarch64__)
asm(R"(
.text
.globl objc_msgSend
.type objc_msgSend, %function
objc_msgSend:
  cbz x0, 1f
  stp x29, x30, [sp, #-16]!
  stp x0, x1, [sp, #-16]!
  stp x2, x3, [sp, #-16]!
  stp x4, x5, [sp, #-16]!
  stp x6, x7, [sp, #-16]!
  stp q0, q1, [sp, #-32]!
  stp q2, q3, [sp, #-32]!
  bl standinFindMethod
  mov x16, x0
  ldp q2, q3, [sp], #32
  ldp q0, q1, [sp], #32
  ldp x6, x7, [sp], #16
  ldp x4, x5, [sp], #16
  ldp x2, x3, [sp], #16
  ldp x0, x1, [sp], #16
  ldp x29, x30, [sp], #16
  br x16
1:
  mov x0, xzr
  movi d0, #0
  ret
.size objc_msgSend, .-objc_msgSend
)");
#else
#error "the stand-in runs on x86-64 and aarch64 only"
#endif

template <typename T> static T *make(const char *name) {
  auto *object = new T();
  object->isa = findClass(name);
  object->references = 1;
  std::lock_guard lock(mutex);
  ++liveCount;
  return object;
}

static Object *retain(Object *object, SEL = nullptr) {
  std::lock_guard lock(mutex);
  ++object->references;
  return object;
}

/// What is dead keeps its memory, so that its use is seen.
static void release(Object *object, SEL = nullptr) {
  if (!object)
    return;
  std::lock_guard lock(mutex);
  if (object->references <= 0)
    return fault(std::string("release of a dead ") + object->isa->name);
  if (--object->references)
    return;
  --liveCount;
  if (object->isa->destroy)
    object->isa->destroy(object);
}

static thread_local std::vector<std::vector<Object *>> pools;

STANDIN_API void *objc_autoreleasePoolPush() {
  pools.emplace_back();
  return reinterpret_cast<void *>(pools.size());
}

STANDIN_API void objc_autoreleasePoolPop(void *pool) {
  if (reinterpret_cast<void *>(pools.size()) != pool)
    return fault("pools are popped in another order");
  std::vector<Object *> objects = std::move(pools.back());
  pools.pop_back();
  for (Object *object : objects)
    release(object);
}

template <typename T> static T *autorelease(T *object) {
  if (pools.empty())
    fault(std::string(object->isa->name) + " leaks: there is no pool");
  else
    pools.back().push_back(object);
  return object;
}

template <typename T> static T *shared(T *object) {
  if (object)
    autorelease(static_cast<T *>(retain(object)));
  return object;
}

//===----------------------------------------------------------------------===//
// Classes
//===----------------------------------------------------------------------===//

struct String : Object {
  std::string text;
};
struct Info : Object {
  String *label = nullptr;
  unsigned long state = 1;
};
struct Array : Object {
  std::vector<Object *> items;
};
struct Dictionary : Object {
  Array *infos = nullptr;
};
struct Failure : Object {
  String *description = nullptr;
  Dictionary *userInfo = nullptr;
};
struct Options : Object {
  unsigned long version = 0;
  int fastMath = 1;
};
struct Constants : Object {
  std::map<unsigned long, std::string> values;
};
struct Library : Object {
  std::string source;
};
struct Function : Object {
  Library *library = nullptr;
  std::string name;
};
struct Pipeline : Object {
  Function *function = nullptr;
};
struct Buffer : Object {
  char *memory = nullptr;
  unsigned long bytes = 0;
  bool isOwned = false;
};
struct Descriptor : Object {
  unsigned long options = 0;
  Object *object = nullptr;
  Object *url = nullptr;
  long destination = 0;
};
struct Plain : Object {};

struct Launch {
  Pipeline *pipeline;
  std::map<std::pair<int, unsigned long>, StandinArgument> arguments;
  StandinExtent grid, block;
  int threads;
};
struct Encoder : Object {
  String *label = nullptr;
  Pipeline *pipeline = nullptr;
  std::map<std::pair<int, unsigned long>, StandinArgument> arguments;
  std::vector<Object *> held;
  std::vector<std::vector<char> *> bytes;
  std::vector<Launch> launches;
  bool isEnded = false;
};
struct CommandBuffer : Object {
  enum { Recording, Committed, Completed } state = Recording;
  bool tellsEncoders = false;
  std::vector<Encoder *> encoders;
  Failure *failure = nullptr;
  double start = 0, end = 0;
};

static String *makeString(const std::string &text) {
  auto *string = make<String>("NSString");
  string->text = text;
  return string;
}

static Failure *makeFailure(const std::string &text) {
  auto *failure = make<Failure>("NSError");
  failure->description = makeString(text);
  return failure;
}

static void refuse(Object **error, const std::string &text) {
  auto *failure = autorelease(makeFailure(text));
  if (error)
    *error = failure;
}

template <typename Function>
static void define(const char *name, const char *selector, Function method) {
  findClass(name)->methods[sel_registerName(selector)] =
      reinterpret_cast<Method>(+method);
}

template <typename Function>
static void defineOfClass(const char *name, const char *selector,
                          Function method) {
  findClass(name)->isa->methods[sel_registerName(selector)] =
      reinterpret_cast<Method>(+method);
}

template <typename T> static void defineAlloc(const char *name) {
  defineOfClass(name, "alloc", [](Object *self, SEL) -> Object * {
    return make<T>(static_cast<Class *>(self)->name);
  });
  define(name, "init", [](Object *self, SEL) { return self; });
}

static double now() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// The number of the first fault of a command buffer, which ends it.
static void execute(CommandBuffer *buffer) {
  buffer->start = now();
  std::vector<unsigned long> states(buffer->encoders.size(), 3);
  std::string what;
  for (size_t i = 0; i < states.size() && what.empty(); ++i) {
    states[i] = 1;
    for (const Launch &launch : buffer->encoders[i]->launches) {
      std::vector<StandinArgument> arguments;
      for (const auto &[place, argument] : launch.arguments)
        arguments.push_back(argument);
      Function *function = launch.pipeline->function;
      const char *failed =
          runHook ? runHook(function->library->source.c_str(),
                            function->name.c_str(), arguments.data(),
                            arguments.size(), &launch.grid, &launch.block,
                            launch.threads)
                  : nullptr;
      if (failed) {
        what = failed;
        states[i] = 4;
        break;
      }
    }
  }
  buffer->end = now();
  if (what.empty())
    return;
  Failure *failure = buffer->failure = makeFailure(what);
  failure->userInfo = make<Dictionary>("NSDictionary");
  if (!buffer->tellsEncoders)
    return;
  Array *infos = failure->userInfo->infos = make<Array>("NSArray");
  for (size_t i = 0; i < states.size(); ++i) {
    auto *info = make<Info>("MTLCommandBufferEncoderInfo");
    info->state = states[i];
    info->label = buffer->encoders[i]->label;
    retain(info->label);
    infos->items.push_back(info);
  }
}

static void dispatch(Encoder *encoder, StandinExtent grid, StandinExtent block,
                     int threads) {
  unsigned long size = block.x * block.y * block.z;
  if (encoder->isEnded)
    fault("a launch in an encoder that has ended");
  if (!encoder->pipeline)
    return fault("a launch without a pipeline");
  if (size == 0 || size > 1024)
    fault("a threadgroup of " + std::to_string(size) + " threads");
  if (!grid.x || !grid.y || !grid.z)
    fault("an empty grid");
  encoder->launches.push_back(
      {encoder->pipeline, encoder->arguments, grid, block, threads});
}

static Object *standinInfoKey;
STANDIN_API Object *MTLCommandBufferEncoderInfoErrorKey;
Object *MTLCommandBufferEncoderInfoErrorKey;

static void defineFoundation() {
  for (const char *name :
       {"NSString", "NSError", "NSArray", "NSDictionary", "NSURL", "Data",
        "MTLCommandBufferEncoderInfo", "MTLCompileOptions",
        "MTLFunctionConstantValues", "MTLCommandBufferDescriptor",
        "MTLCaptureDescriptor", "Device", "Queue", "CommandBuffer", "Encoder",
        "Library", "Function", "Pipeline", "Buffer"}) {
    define(name, "retain", [](Object *self, SEL) { return retain(self); });
    define(name, "release", [](Object *self, SEL) { release(self); });
    define(name, "respondsToSelector:", [](Object *self, SEL, SEL selector) {
      return self->isa->methods.count(selector) != 0;
    });
  }
  defineAlloc<String>("NSString");
  define("NSString",
         "initWithUTF8String:", [](String *self, SEL, const char *text) {
           self->text = text;
           return self;
         });
  define("NSString", "UTF8String",
         [](String *self, SEL) { return self->text.c_str(); });
  define("NSError", "localizedDescription",
         [](Failure *self, SEL) { return shared(self->description); });
  define("NSError", "userInfo",
         [](Failure *self, SEL) { return shared(self->userInfo); });
  findClass("NSError")->destroy = [](Object *self) {
    release(static_cast<Failure *>(self)->description);
    release(static_cast<Failure *>(self)->userInfo);
  };
  define("NSDictionary",
         "objectForKey:", [](Dictionary *self, SEL, Object *key) {
           if (key != standinInfoKey)
             fault("a key that no dictionary has");
           return shared(self->infos);
         });
  findClass("NSDictionary")->destroy = [](Object *self) {
    release(static_cast<Dictionary *>(self)->infos);
  };
  define("NSArray", "count",
         [](Array *self, SEL) -> unsigned long { return self->items.size(); });
  define("NSArray", "objectAtIndex:", [](Array *self, SEL, unsigned long i) {
    return shared(self->items.at(i));
  });
  findClass("NSArray")->destroy = [](Object *self) {
    for (Object *item : static_cast<Array *>(self)->items)
      release(item);
  };
  define("MTLCommandBufferEncoderInfo", "label",
         [](Info *self, SEL) { return shared(self->label); });
  define("MTLCommandBufferEncoderInfo", "errorState",
         [](Info *self, SEL) { return self->state; });
  findClass("MTLCommandBufferEncoderInfo")->destroy = [](Object *self) {
    release(static_cast<Info *>(self)->label);
  };
  defineOfClass(
      "NSURL", "fileURLWithPath:", [](Object *, SEL, String *path) -> Object * {
        auto *url = make<String>("NSURL");
        url->text = path->text;
        return autorelease(url);
      });
  standinInfoKey = MTLCommandBufferEncoderInfoErrorKey = makeString("infos");
  liveCount = 0;
}

static void defineCompiler() {
  defineAlloc<Options>("MTLCompileOptions");
  define("MTLCompileOptions", "setLanguageVersion:",
         [](Options *self, SEL, unsigned long v) { self->version = v; });
  define("MTLCompileOptions", "setMathMode:",
         [](Options *self, SEL, unsigned long v) { self->fastMath = v == 2; });
  defineAlloc<Constants>("MTLFunctionConstantValues");
  define("MTLFunctionConstantValues", "setConstantValue:type:atIndex:",
         [](Constants *self, SEL, const void *value, unsigned long type,
            unsigned long index) {
           self->values[index] = std::to_string(type);
           if (!value)
             fault("a function constant without a value");
         });
  define("Device", "newLibraryWithSource:options:error:",
         [](Object *, SEL, String *source, Options *options,
            Object **error) -> Object * {
           const char *failed =
               compileHook ? compileHook(source->text.c_str(),
                                         options->fastMath, options->version)
                           : nullptr;
           if (failed)
             return refuse(error, failed), nullptr;
           auto *library = make<Library>("Library");
           library->source = source->text;
           return library;
         });
  define("Device", "newLibraryWithData:error:",
         [](Object *, SEL, String *data, Object **error) -> Object * {
           if (data->text.rfind("MTLB", 0) != 0)
             return refuse(error, "Invalid library file"), nullptr;
           auto *library = make<Library>("Library");
           library->source = data->text.substr(4);
           return library;
         });
  define("Library", "newFunctionWithName:constantValues:error:",
         [](Library *self, SEL, String *name, Constants *,
            Object **error) -> Object * {
           if (self->source.find(name->text + "(") == std::string::npos)
             return refuse(error, "Function " + name->text +
                                      " was not found in the library"),
                    nullptr;
           auto *function = make<Function>("Function");
           function->library = static_cast<Library *>(retain(self));
           function->name = name->text;
           return function;
         });
  findClass("Function")->destroy = [](Object *self) {
    release(static_cast<Function *>(self)->library);
  };
  define("Device", "newComputePipelineStateWithFunction:error:",
         [](Object *, SEL, Function *function, Object **error) -> Object * {
           if (isRefused("pipeline"))
             return refuse(error,
                           "Compute function exceeds available registers"),
                    nullptr;
           auto *pipeline = make<Pipeline>("Pipeline");
           pipeline->function = static_cast<Function *>(retain(function));
           return pipeline;
         });
  findClass("Pipeline")->destroy = [](Object *self) {
    release(static_cast<Pipeline *>(self)->function);
  };
  define("Pipeline", "maxTotalThreadsPerThreadgroup",
         [](Object *, SEL) { return isRefused("threads") ? 256ul : 1024ul; });
  define("Pipeline", "threadExecutionWidth",
         [](Object *, SEL) { return 32ul; });
  define("Pipeline", "staticThreadgroupMemoryLength",
         [](Object *, SEL) { return 0ul; });
}

static void defineMemory() {
  define("Device", "newBufferWithLength:options:",
         [](Object *, SEL, unsigned long bytes, unsigned long) -> Object * {
           if (!bytes)
             fault("a buffer of no bytes");
           if (isRefused("buffer"))
             return nullptr;
           auto *buffer = make<Buffer>("Buffer");
           buffer->memory = static_cast<char *>(std::malloc(bytes));
           std::memset(buffer->memory, 0x7f, bytes);
           buffer->bytes = bytes;
           buffer->isOwned = true;
           return buffer;
         });
  define("Device", "newBufferWithBytesNoCopy:length:options:deallocator:",
         [](Object *, SEL, char *memory, unsigned long bytes, unsigned long,
            void *) -> Object * {
           if (reinterpret_cast<uintptr_t>(memory) % 16384 || bytes % 16384 ||
               !bytes)
             return fault("memory of no whole pages"), nullptr;
           if (isRefused("wrap"))
             return nullptr;
           auto *buffer = make<Buffer>("Buffer");
           buffer->memory = memory;
           buffer->bytes = bytes;
           return buffer;
         });
  findClass("Buffer")->destroy = [](Object *self) {
    if (static_cast<Buffer *>(self)->isOwned)
      std::free(static_cast<Buffer *>(self)->memory);
  };
  define("Buffer", "contents", [](Buffer *self, SEL) { return self->memory; });
}

static void defineCommands() {
  define("Device", "newCommandQueue", [](Object *, SEL) -> Object * {
    return isRefused("queue") ? nullptr : make<Plain>("Queue");
  });
  defineAlloc<Descriptor>("MTLCommandBufferDescriptor");
  define("MTLCommandBufferDescriptor", "setErrorOptions:",
         [](Descriptor *self, SEL, unsigned long v) { self->options = v; });
  define("Queue", "commandBufferWithDescriptor:",
         [](Object *, SEL, Descriptor *descriptor) -> Object * {
           auto *buffer = make<CommandBuffer>("CommandBuffer");
           buffer->tellsEncoders = descriptor->options & 1;
           return autorelease(buffer);
         });
  define("CommandBuffer", "computeCommandEncoder",
         [](CommandBuffer *self, SEL) -> Object * {
           if (self->state != CommandBuffer::Recording)
             fault("an encoder of a command buffer that was committed");
           if (!self->encoders.empty() && !self->encoders.back()->isEnded)
             fault("two encoders at a time");
           auto *encoder = make<Encoder>("Encoder");
           self->encoders.push_back(static_cast<Encoder *>(retain(encoder)));
           return autorelease(encoder);
         });
  define("Encoder", "setLabel:", [](Encoder *self, SEL, String *label) {
    release(self->label);
    self->label = static_cast<String *>(retain(label));
  });
  define("Encoder", "setComputePipelineState:",
         [](Encoder *self, SEL, Pipeline *pipeline) {
           self->pipeline = pipeline;
           self->held.push_back(retain(pipeline));
         });
  define("Encoder", "setBuffer:offset:atIndex:",
         [](Encoder *self, SEL, Buffer *buffer, unsigned long offset,
            unsigned long index) {
           if (index > 30)
             fault("a buffer at index " + std::to_string(index));
           if (offset > buffer->bytes)
             fault("an offset beyond its buffer");
           self->held.push_back(retain(buffer));
           self->arguments[{0, index}] = {StandinArgument::Buffer, index,
                                          buffer->memory + offset,
                                          buffer->bytes - offset};
         });
  define("Encoder", "setBytes:length:atIndex:",
         [](Encoder *self, SEL, const char *bytes, unsigned long length,
            unsigned long index) {
           if (length > 4096 || !length)
             fault("a scalar of " + std::to_string(length) + " bytes");
           self->bytes.push_back(new std::vector<char>(bytes, bytes + length));
           self->arguments[{0, index}] = {StandinArgument::Bytes, index,
                                          self->bytes.back()->data(), length};
         });
  define("Encoder", "setThreadgroupMemoryLength:atIndex:",
         [](Encoder *self, SEL, unsigned long length, unsigned long index) {
           if (length % 16 || !length)
             fault("threadgroup memory of " + std::to_string(length) +
                   " bytes");
           self->arguments[{1, index}] = {StandinArgument::Threadgroup, index,
                                          nullptr, length};
         });
  define("Encoder", "dispatchThreads:threadsPerThreadgroup:",
         [](Encoder *self, SEL, StandinExtent grid, StandinExtent block) {
           dispatch(self, grid, block, 1);
         });
  define("Encoder", "dispatchThreadgroups:threadsPerThreadgroup:",
         [](Encoder *self, SEL, StandinExtent grid, StandinExtent block) {
           dispatch(self, grid, block, 0);
         });
  define("Encoder", "endEncoding", [](Encoder *self, SEL) {
    if (self->isEnded)
      fault("an encoder is ended twice");
    self->isEnded = true;
  });
  findClass("Encoder")->destroy = [](Object *object) {
    auto *self = static_cast<Encoder *>(object);
    if (!self->isEnded)
      fault("an encoder goes without being ended");
    release(self->label);
    for (Object *held : self->held)
      release(held);
    for (std::vector<char> *bytes : self->bytes)
      delete bytes;
  };
  define("CommandBuffer", "commit", [](CommandBuffer *self, SEL) {
    if (self->state != CommandBuffer::Recording)
      fault("a command buffer is committed twice");
    for (Encoder *encoder : self->encoders)
      if (!encoder->isEnded)
        fault("a commit before the end of an encoder");
    self->state = CommandBuffer::Committed;
    execute(self);
  });
  define("CommandBuffer", "waitUntilCompleted", [](CommandBuffer *self, SEL) {
    if (self->state == CommandBuffer::Recording)
      fault("a wait for what was not committed");
    self->state = CommandBuffer::Completed;
  });
  define("CommandBuffer", "status", [](CommandBuffer *self, SEL) {
    if (self->state == CommandBuffer::Recording)
      fault("a wait for what was not committed");
    if (isRefused("end"))
      return 2ul;
    self->state = CommandBuffer::Completed;
    return self->failure ? 5ul : 4ul;
  });
  auto checkCompleted = [](CommandBuffer *self) {
    if (self->state != CommandBuffer::Completed)
      fault("a result before the end");
  };
  static auto check = checkCompleted;
  define("CommandBuffer", "error", [](CommandBuffer *self, SEL) {
    check(self);
    return shared(self->failure);
  });
  define("CommandBuffer", "GPUStartTime", [](CommandBuffer *self, SEL) {
    check(self);
    return self->start;
  });
  define("CommandBuffer", "GPUEndTime", [](CommandBuffer *self, SEL) {
    check(self);
    return self->end;
  });
  findClass("CommandBuffer")->destroy = [](Object *object) {
    auto *self = static_cast<CommandBuffer *>(object);
    if (self->state == CommandBuffer::Recording && !self->encoders.empty())
      fault("launches that are never committed");
    release(self->failure);
    for (Encoder *encoder : self->encoders)
      release(encoder);
  };
}

static void defineDevice() {
  define("Device", "name", [](Object *, SEL) -> Object * {
    return autorelease(makeString("Stand-in"));
  });
  define("Device", "maxThreadgroupMemoryLength",
         [](Object *, SEL) { return 32768ul; });
  define("Device", "maxBufferLength", [](Object *, SEL) { return 1ul << 32; });
}

static bool isCapturing;
static void defineCapture() {
  defineAlloc<Descriptor>("MTLCaptureDescriptor");
  define("MTLCaptureDescriptor", "setCaptureObject:",
         [](Descriptor *self, SEL, Object *object) { self->object = object; });
  define("MTLCaptureDescriptor", "setDestination:",
         [](Descriptor *self, SEL, long to) { self->destination = to; });
  define("MTLCaptureDescriptor",
         "setOutputURL:", [](Descriptor *self, SEL, Object *url) {
           release(self->url);
           self->url = retain(url);
         });
  findClass("MTLCaptureDescriptor")->destroy = [](Object *self) {
    release(static_cast<Descriptor *>(self)->url);
  };
  define("Manager", "startCaptureWithDescriptor:error:",
         [](Object *, SEL, Descriptor *descriptor, Object **error) {
           if (isRefused("capture"))
             return refuse(error, "Capturing is not supported"), false;
           if (!descriptor->object || !descriptor->url ||
               descriptor->destination != 2)
             fault("a capture that is not described");
           if (isCapturing)
             fault("two captures at a time");
           return isCapturing = true;
         });
  define("Manager", "stopCapture", [](Object *, SEL) {
    if (!isCapturing)
      fault("the end of no capture");
    isCapturing = false;
  });
  defineOfClass("MTLCaptureManager", "sharedCaptureManager",
                [](Object *, SEL) -> Object * {
                  static Plain manager = {{findClass("Manager"), 1}};
                  return &manager;
                });
}

STANDIN_API Object *MTLCreateSystemDefaultDevice() {
  return isRefused("device") ? nullptr : make<Plain>("Device");
}

STANDIN_API Object *dispatch_data_create(const char *bytes, size_t count,
                                         void *, void *) {
  auto *data = make<String>("Data");
  data->text.assign(bytes, count);
  return data;
}

static const bool isDefined = [] {
  defineFoundation();
  defineCompiler();
  defineMemory();
  defineCommands();
  defineDevice();
  defineCapture();
  return true;
}();
