# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What the toolchains of cross.py share. The compilers are scripts that name their
# target, its headers and its linker; what runs in a build is of this platform.
foreach(_tool AR RANLIB STRIP NM OBJCOPY OBJDUMP READELF)
  string(TOLOWER ${_tool} _name)
  set(CMAKE_${_tool} ${ENIGMA_CROSS}/llvm/bin/llvm-${_name})
endforeach()
foreach(_language C CXX)
  set(CMAKE_${_language}_COMPILER_AR ${CMAKE_AR})
  set(CMAKE_${_language}_COMPILER_RANLIB ${CMAKE_RANLIB})
endforeach()
set(CMAKE_C_COMPILER ${ENIGMA_CROSS}/bin/clang)
set(CMAKE_CXX_COMPILER ${ENIGMA_CROSS}/bin/clang++)
set(LLVM_DIR ${ENIGMA_CROSS}/llvm/lib/cmake/llvm CACHE PATH "")
set(MLIR_DIR ${ENIGMA_CROSS}/mlir/lib/cmake/mlir CACHE PATH "")
# Libraries of this system are none of the target's.
set(CMAKE_FIND_ROOT_PATH ${ENIGMA_CROSS})
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
