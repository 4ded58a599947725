// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ObjectiveC.h"

#ifndef _WIN32
#include <dlfcn.h>
#endif

using namespace enigma::metal;

Runtime enigma::metal::runtime;

#ifdef _WIN32
std::string enigma::metal::openRuntime(const char *, const char *) {
  return "Windows has no Metal";
}
#else
std::string enigma::metal::openRuntime(const char *objectiveC,
                                       const char *metal) {
  Runtime opened;
  auto failure = [](const char *what) {
    const char *reason = dlerror();
    return std::string(reason ? reason : what);
  };
  void *libraries[] = {dlopen(objectiveC, RTLD_NOW | RTLD_GLOBAL),
                       dlopen(metal, RTLD_NOW | RTLD_GLOBAL)};
  if (!libraries[0] || !libraries[1])
    return failure("a library cannot be opened");
  auto find = [&](auto &function, const char *name, int library) {
    using Function = std::remove_reference_t<decltype(function)>;
    function = reinterpret_cast<Function>(dlsym(libraries[library], name));
    return function != nullptr;
  };
  SEL (*registerName)(const char *) = nullptr;
  if (!find(opened.getClass, "objc_getClass", 0) ||
      !find(registerName, "sel_registerName", 0) ||
      !find(opened.pushPool, "objc_autoreleasePoolPush", 0) ||
      !find(opened.popPool, "objc_autoreleasePoolPop", 0) ||
      !find(opened.message, "objc_msgSend", 0) ||
      !find(opened.createDevice, "MTLCreateSystemDefaultDevice", 1) ||
      !find(opened.encoderInfoKey, "MTLCommandBufferEncoderInfoErrorKey", 1))
    return failure("a library lacks a function");
  // Grand Central Dispatch is a part of the system's library.
  opened.createData = reinterpret_cast<decltype(opened.createData)>(
      dlsym(RTLD_DEFAULT, "dispatch_data_create"));
  if (!opened.createData)
    return failure("dispatch_data_create is missing");
#define X(name, text) opened.selectors.name = registerName(text);
  ENIGMA_SELECTORS(X)
#undef X
  runtime = opened;
  return {};
}
#endif
