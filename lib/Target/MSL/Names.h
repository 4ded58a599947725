// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Identifiers of the emitted text.

#ifndef ENIGMA_LIB_TARGET_MSL_NAMES_H
#define ENIGMA_LIB_TARGET_MSL_NAMES_H

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Allocator.h"
#include <string>

namespace enigma::msl {

/// Whether \p name means something in MSL or C++ already.
bool isReservedName(llvm::StringRef name);

/// \p name as an identifier that MSL does not know: `float_`.
std::string getLegalName(llvm::StringRef name);

/// The names that are visible at a point of the text. No name hides another.
class NameScopes {
public:
  NameScopes() { push(); }

  void push() { scopes.emplace_back(); }
  void pop();

  /// A name for a declaration in the innermost scope: \p name where it is
  /// legal and free, else `name_`, `name_1`, ... It stays as long as this does.
  llvm::StringRef declare(llvm::StringRef name);

  /// Takes \p name as it is.
  llvm::StringRef reserve(llvm::StringRef name) {
    return makeVisible(*entries.try_emplace(name).first);
  }

  /// The Python names that are no legal names in MSL, with what they became.
  const llvm::MapVector<llvm::StringRef, std::string> &getRenamed() const {
    return renamed;
  }

private:
  struct Entry {
    bool isVisible = false;
    /// The suffix to try first for another declaration of this name.
    unsigned nextSuffix = 1;
  };
  using NamedEntry = llvm::StringMapEntry<Entry>;
  template <typename T>
  using NameMap = llvm::StringMap<T, llvm::BumpPtrAllocator>;
  /// What a scope changed, with the entry as it was before.
  using Scope = llvm::SmallVector<std::pair<NamedEntry *, Entry>, 4>;

  NamedEntry &getLegal(llvm::StringRef name);
  llvm::StringRef makeVisible(NamedEntry &entry);

  NameMap<Entry> entries;
  llvm::SmallVector<Scope, 8> scopes;
  /// What the names became that were declared.
  NameMap<NamedEntry *> legalNames;
  llvm::MapVector<llvm::StringRef, std::string> renamed;
};

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_NAMES_H
