// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C API of Enigma.

#ifndef ENIGMA_C_ENIGMA_H
#define ENIGMA_C_ENIGMA_H

#include "mlir-c/IR.h"
#include "mlir-c/Support.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Registers the dialects that a kernel may contain, without those operations
/// of which no pass makes one.
MLIR_CAPI_EXPORTED void
enigmaRegisterEarlyDialects(MlirDialectRegistry registry);

/// Gives a context the operations that it has not yet. That has to be done
/// before a text is parsed.
MLIR_CAPI_EXPORTED void enigmaContextLoadLateOperations(MlirContext context);

/// Gives a context the operations that it has not yet, if it has none of that
/// name.
MLIR_CAPI_EXPORTED void enigmaContextLoadOperation(MlirContext context,
                                                   MlirStringRef name);

/// Registers the passes and the named pipelines. Safe to call more than once.
MLIR_CAPI_EXPORTED void enigmaRegisterPassesAndPipelines(void);

/// Erases all that stands in an operation, to which nothing else refers any
/// more. To destroy it takes longer: each region then drops what is referred to
/// in it, which what is nested deep does as often.
MLIR_CAPI_EXPORTED void enigmaOperationEmpty(MlirOperation operation);

/// Creates an operation of which all parts are known, with so many empty
/// regions, as `mlirOperationCreate` does from a state, which is filled and
/// emptied again. Its context may have no operation of that name yet.
MLIR_CAPI_EXPORTED MlirOperation enigmaOperationCreate(
    MlirLocation location, MlirStringRef name, intptr_t numResults,
    const MlirType *results, intptr_t numOperands, const MlirValue *operands,
    intptr_t numAttributes, const MlirNamedAttribute *attributes,
    intptr_t numRegions);

/// Receives a line of a text, counted from 1, and the place in a file that it
/// comes from.
typedef void (*EnigmaSourceLineCallback)(intptr_t line, MlirStringRef file,
                                         intptr_t fileLine, intptr_t fileColumn,
                                         void *userData);

/// Translates the kernels of `operation`, in flat form, to MSL and hands the
/// text to `callback`, and then to `lineCallback`, unless it is null, the lines
/// whose origin is known. On failure the context's diagnostic handlers receive
/// the error.
MLIR_CAPI_EXPORTED MlirLogicalResult
enigmaTranslateToMSL(MlirOperation operation, MlirStringCallback callback,
                     EnigmaSourceLineCallback lineCallback, void *userData);

/// Prints `operation` with the names of Python's variables and hands the text
/// to `callback`, and then to `lineCallback` the lines on which operations
/// begin whose origin is known.
MLIR_CAPI_EXPORTED void
enigmaPrintWithOrigins(MlirOperation operation, MlirStringCallback callback,
                       EnigmaSourceLineCallback lineCallback, void *userData);

/// The bytes of threadgroup memory that a kernel, an `enigma.kernel`, declares.
MLIR_CAPI_EXPORTED int64_t
enigmaKernelGetThreadgroupBytes(MlirOperation kernel);

/// The least version of MSL that the text of the kernels of `operation`, in
/// flat form, needs.
MLIR_CAPI_EXPORTED MlirStringRef enigmaGetMSLVersion(MlirOperation operation);

/// Warns, in the context's diagnostic handlers, of what `operation`, in clean
/// form, computes with NaN and infinities, which mean nothing under fast math.
MLIR_CAPI_EXPORTED void enigmaWarnOfFastMath(MlirOperation operation);

/// Hands the text of the layout of a layout type, or of the type of a tensor,
/// to `callback`; nothing for another type.
MLIR_CAPI_EXPORTED void
enigmaTypeGetLayout(MlirType type, MlirStringCallback callback, void *userData);

#ifdef __cplusplus
}
#endif

#endif // ENIGMA_C_ENIGMA_H
