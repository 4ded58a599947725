// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is used of the Objective-C runtime.

#ifndef ENIGMA_LIB_RUNTIME_METAL_OBJECTIVEC_H
#define ENIGMA_LIB_RUNTIME_METAL_OBJECTIVEC_H

#include <cstddef>
#include <string>
#include <type_traits>

namespace enigma::metal {

using id = void *;
using SEL = void *;

/// The names of all methods that are called.
#define ENIGMA_SELECTORS(X)                                                    \
  X(alloc, "alloc")                                                            \
  X(init, "init")                                                              \
  X(retain, "retain")                                                          \
  X(release, "release")                                                        \
  X(respondsToSelector, "respondsToSelector:")                                 \
  X(count, "count")                                                            \
  X(objectAtIndex, "objectAtIndex:")                                           \
  X(objectForKey, "objectForKey:")                                             \
  X(initWithUTF8String, "initWithUTF8String:")                                 \
  X(UTF8String, "UTF8String")                                                  \
  X(fileURLWithPath, "fileURLWithPath:")                                       \
  X(localizedDescription, "localizedDescription")                              \
  X(userInfo, "userInfo")                                                      \
  X(name, "name")                                                              \
  X(label, "label")                                                            \
  X(setLabel, "setLabel:")                                                     \
  X(newCommandQueue, "newCommandQueue")                                        \
  X(maxThreadgroupMemoryLength, "maxThreadgroupMemoryLength")                  \
  X(maxBufferLength, "maxBufferLength")                                        \
  X(setLanguageVersion, "setLanguageVersion:")                                 \
  X(setMathMode, "setMathMode:")                                               \
  X(setFastMathEnabled, "setFastMathEnabled:")                                 \
  X(newLibraryWithSource, "newLibraryWithSource:options:error:")               \
  X(newLibraryWithData, "newLibraryWithData:error:")                           \
  X(newFunctionWithName, "newFunctionWithName:constantValues:error:")          \
  X(setConstantValue, "setConstantValue:type:atIndex:")                        \
  X(newComputePipelineState, "newComputePipelineStateWithFunction:error:")     \
  X(maxTotalThreadsPerThreadgroup, "maxTotalThreadsPerThreadgroup")            \
  X(threadExecutionWidth, "threadExecutionWidth")                              \
  X(staticThreadgroupMemoryLength, "staticThreadgroupMemoryLength")            \
  X(newBufferWithLength, "newBufferWithLength:options:")                       \
  X(newBufferWithBytesNoCopy,                                                  \
    "newBufferWithBytesNoCopy:length:options:deallocator:")                    \
  X(contents, "contents")                                                      \
  X(setErrorOptions, "setErrorOptions:")                                       \
  X(commandBufferWithDescriptor, "commandBufferWithDescriptor:")               \
  X(computeCommandEncoder, "computeCommandEncoder")                            \
  X(setComputePipelineState, "setComputePipelineState:")                       \
  X(setBuffer, "setBuffer:offset:atIndex:")                                    \
  X(setBytes, "setBytes:length:atIndex:")                                      \
  X(setThreadgroupMemoryLength, "setThreadgroupMemoryLength:atIndex:")         \
  X(dispatchThreads, "dispatchThreads:threadsPerThreadgroup:")                 \
  X(dispatchThreadgroups, "dispatchThreadgroups:threadsPerThreadgroup:")       \
  X(endEncoding, "endEncoding")                                                \
  X(commit, "commit")                                                          \
  X(waitUntilCompleted, "waitUntilCompleted")                                  \
  X(status, "status")                                                          \
  X(error, "error")                                                            \
  X(errorState, "errorState")                                                  \
  X(GPUStartTime, "GPUStartTime")                                              \
  X(GPUEndTime, "GPUEndTime")                                                  \
  X(sharedCaptureManager, "sharedCaptureManager")                              \
  X(setCaptureObject, "setCaptureObject:")                                     \
  X(setDestination, "setDestination:")                                         \
  X(setOutputURL, "setOutputURL:")                                             \
  X(startCapture, "startCaptureWithDescriptor:error:")                         \
  X(stopCapture, "stopCapture")

/// The runtime and Metal, once they are open.
struct Runtime {
  id (*getClass)(const char *) = nullptr;
  void *(*pushPool)() = nullptr;
  void (*popPool)(void *) = nullptr;
  void (*message)() = nullptr;
  id (*createDevice)() = nullptr;
  id (*createData)(const void *, size_t, id, id) = nullptr;
  id *encoderInfoKey = nullptr;
#define X(name, text) SEL name = nullptr;
  struct {
    ENIGMA_SELECTORS(X)
  } selectors;
#undef X
};

/// Opens the libraries. Returns what went wrong, if anything.
std::string openRuntime(const char *objectiveC, const char *metal);

extern Runtime runtime;

/// Calls a method. The runtime's function is not variadic: it is called as the
/// method is declared.
template <typename Result = id, typename... Arguments>
Result send(id receiver, SEL selector, Arguments... arguments) {
  return reinterpret_cast<Result (*)(id, SEL, Arguments...)>(runtime.message)(
      receiver, selector, arguments...);
}

/// Holds what methods return without a count of its own, until it goes.
class Pool {
public:
  Pool() : pool(runtime.pushPool()) {}
  ~Pool() { runtime.popPool(pool); }
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;

private:
  void *pool;
};

} // namespace enigma::metal

#endif // ENIGMA_LIB_RUNTIME_METAL_OBJECTIVEC_H
