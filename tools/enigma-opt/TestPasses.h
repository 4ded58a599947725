// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that show to tests what an analysis finds.

#ifndef ENIGMA_TOOLS_ENIGMA_OPT_TESTPASSES_H
#define ENIGMA_TOOLS_ENIGMA_OPT_TESTPASSES_H

namespace enigma {

void registerTestPasses();

} // namespace enigma

#endif // ENIGMA_TOOLS_ENIGMA_OPT_TESTPASSES_H
