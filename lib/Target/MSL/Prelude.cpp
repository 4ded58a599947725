// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Prelude.h"

void enigma::msl::printErrorFunctions(llvm::raw_ostream &os, bool erf,
                                      bool erfc) {}
