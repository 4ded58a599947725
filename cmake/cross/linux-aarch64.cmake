# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(ENIGMA_CROSS ${CMAKE_CURRENT_LIST_DIR}/../../build/cross/linux-aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
