// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ObjectLoader.h"

#include "MachineCode.h"

#include "enigma/Runtime/Checker.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"

#include <atomic>
#include <memory>
#include <mutex>

using namespace enigma;

/// Where machine code is loaded; it is there until the process ends.
static llvm::orc::LLJIT *getJIT(std::string &error) {
  static std::mutex mutex;
  static llvm::orc::LLJIT *jit = nullptr;
  std::lock_guard<std::mutex> lock(mutex);
  if (jit)
    return jit;
  initializeTarget();
  // Kernels have neither constructors nor destructors.
  auto made = llvm::orc::LLJITBuilder()
                  .setPlatformSetUp(llvm::orc::setUpInactivePlatform)
                  .create();
  if (!made) {
    error = llvm::toString(made.takeError());
    return nullptr;
  }
  return jit = made->release();
}

/// What LLVM calls to round a number to a bfloat, to nearest even, on a CPU
/// that has no instruction for it. The result is in the low half of a float's
/// register.
template <typename Number> static float roundToBFloat(Number value) {
  llvm::APFloat number(value);
  bool losesInfo;
  number.convert(llvm::APFloat::BFloat(), llvm::APFloat::rmNearestTiesToEven,
                 &losesInfo);
  return llvm::bit_cast<float>(
      uint32_t(number.bitcastToAPInt().getZExtValue()));
}

std::string enigma::loadObject(llvm::StringRef object, llvm::StringRef name,
                               CPUEntry &entry, std::shared_ptr<void> &loaded) {
  static std::atomic<uint64_t> count{0};
  std::string error;
  llvm::orc::LLJIT *jit = getJIT(error);
  if (!jit)
    return error;
  // Kernels of one name have a library each.
  auto library = jit->createJITDylib("kernel" + std::to_string(count++));
  if (!library)
    return llvm::toString(library.takeError());
  loaded.reset(&*library, [jit](llvm::orc::JITDylib *library) {
    // What cannot be removed stays.
    llvm::consumeError(jit->getExecutionSession().removeJITDylib(*library));
  });
  llvm::orc::SymbolMap symbols;
  auto add = [&](llvm::StringRef name, void *function) {
    symbols[jit->mangleAndIntern(name)] = {
        llvm::orc::ExecutorAddr::fromPtr(function),
        llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  };
  add("__truncsfbf2", reinterpret_cast<void *>(roundToBFloat<float>));
  add("__truncdfbf2", reinterpret_cast<void *>(roundToBFloat<double>));
  for (auto [name, function] : getCheckSymbols())
    add(name, function);
  if (auto failed =
          library->define(llvm::orc::absoluteSymbols(std::move(symbols))))
    return llvm::toString(std::move(failed));
  if (auto failed = jit->addObjectFile(
          *library, llvm::MemoryBuffer::getMemBufferCopy(object)))
    return llvm::toString(std::move(failed));
  auto address = jit->lookup(*library, name);
  if (!address)
    return llvm::toString(address.takeError());
  entry = address->toPtr<CPUEntry>();
  return {};
}
