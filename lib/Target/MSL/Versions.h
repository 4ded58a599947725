// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which version of MSL a kernel needs.

#ifndef ENIGMA_LIB_TARGET_MSL_VERSIONS_H
#define ENIGMA_LIB_TARGET_MSL_VERSIONS_H

#include "enigma/IR/EnigmaOps.h"
#include "llvm/Support/VersionTuple.h"

namespace enigma::msl {

/// The first version of MSL that has all that a kernel in flat form becomes.
/// The records of operations and types say what each of them needs.
llvm::VersionTuple getNeededVersion(KernelOp kernel);

/// Refuses what is beyond the version that the kernel's `enigma.target` names.
mlir::LogicalResult checkVersion(KernelOp kernel);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_VERSIONS_H
