// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Blocks.h"

#include "mlir/Bindings/Python/IRCore.h"

#include "llvm/ADT/SmallVector.h"

namespace nb = nanobind;
using namespace mlir::python::MLIR_BINDINGS_PYTHON_DOMAIN;

/// Appends a block with arguments of some types to a region; gives the block,
/// the insertion point at its end and the arguments. The location of an
/// argument is that of the operation, with the name of a variable if it has
/// one.
static nb::tuple appendBlock(PyOperation &operation, intptr_t region,
                             nb::tuple types, nb::tuple names) {
  operation.checkValid();
  if (region < 0 || region >= mlirOperationGetNumRegions(operation.get()))
    throw nb::index_error("the operation has no such region");
  if (types.size() != names.size())
    throw nb::value_error("a block has as many types as names");
  MlirLocation location = mlirOperationGetLocation(operation.get());
  llvm::SmallVector<MlirType, 8> argumentTypes;
  llvm::SmallVector<MlirLocation, 8> argumentLocations;
  for (nb::handle type : types)
    argumentTypes.push_back(nb::cast<PyType &>(type));
  for (nb::handle name : names) {
    MlirLocation own = location;
    if (!name.is_none())
      own = mlirLocationNameGet(
          mlirOperationGetContext(operation.get()),
          mlirStringRefCreateFromCString(nb::borrow<nb::str>(name).c_str()),
          location);
    argumentLocations.push_back(own);
  }

  MlirBlock block = mlirBlockCreate(argumentTypes.size(), argumentTypes.data(),
                                    argumentLocations.data());
  mlirRegionAppendOwnedBlock(mlirOperationGetRegion(operation.get(), region),
                             block);
  PyBlock result(operation.getRef(), block);
  nb::list arguments;
  for (size_t index = 0; index < argumentTypes.size(); ++index)
    arguments.append(PyBlockArgument(operation.getRef(),
                                     mlirBlockGetArgument(block, index)));
  return nb::make_tuple(result, PyInsertionPoint(result), std::move(arguments));
}

/// The block of a region of an operation, which gets one if it has none.
static MlirBlock getBlock(PyOperation &operation, intptr_t region) {
  operation.checkValid();
  if (region < 0 || region >= mlirOperationGetNumRegions(operation.get()))
    throw nb::index_error("the operation has no such region");
  MlirRegion parent = mlirOperationGetRegion(operation.get(), region);
  MlirBlock block = mlirRegionGetFirstBlock(parent);
  if (mlirBlockIsNull(block)) {
    block = mlirBlockCreate(/*nArgs=*/0, /*args=*/nullptr, /*locs=*/nullptr);
    mlirRegionAppendOwnedBlock(parent, block);
  }
  return block;
}

/// Ends the block of a region with `scf.yield` of some values, at the location
/// of the operation.
static void appendYield(PyOperation &operation, intptr_t region,
                        nb::tuple operands) {
  MlirBlock block = getBlock(operation, region);
  llvm::SmallVector<MlirValue, 8> values;
  for (nb::handle operand : operands)
    values.push_back(nb::cast<PyValue &>(operand).get());
  MlirOperationState state =
      mlirOperationStateGet(mlirStringRefCreateFromCString("scf.yield"),
                            mlirOperationGetLocation(operation.get()));
  mlirOperationStateAddOperands(&state, values.size(), values.data());
  mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&state));
}

/// Moves operations to the end of the block of a region, and ends it.
static void fillRegion(PyOperation &operation, intptr_t region,
                       nb::list operations, nb::tuple operands) {
  MlirBlock block = getBlock(operation, region);
  nb::object parent = operation.getRef().getObject();
  for (nb::handle handle : operations) {
    auto &moved = nb::cast<PyOperation &>(handle);
    if (moved.isAttached())
      moved.detachFromParent();
    mlirBlockAppendOwnedOperation(block, moved.get());
    moved.setAttached(parent);
  }
  appendYield(operation, region, std::move(operands));
}

void enigma::python::registerBlocks(nb::module_ &m) {
  m.def("append_block", appendBlock, nb::arg("operation"), nb::arg("region"),
        nb::arg("types"), nb::arg("names"),
        nb::sig("def append_block(operation: enigma._mlir.ir.Operation, "
                "region: int, types: tuple[enigma._mlir.ir.Type, ...], "
                "names: tuple[str | None, ...]) -> "
                "tuple[enigma._mlir.ir.Block, enigma._mlir.ir.InsertionPoint, "
                "list[enigma._mlir.ir.BlockArgument]]"),
        "Append a block with arguments of some types to a region of an "
        "operation; gives the block, the insertion point at its end and the "
        "arguments, whose locations have the names of variables.");

  m.def("append_yield", appendYield, nb::arg("operation"), nb::arg("region"),
        nb::arg("operands"),
        nb::sig("def append_yield(operation: enigma._mlir.ir.Operation, "
                "region: int, operands: tuple[enigma._mlir.ir.Value, ...]) "
                "-> None"),
        "End the block of a region of an operation with `scf.yield`, at the "
        "location of the operation; a region without a block gets one.");

  m.def("fill_region", fillRegion, nb::arg("operation"), nb::arg("region"),
        nb::arg("operations"), nb::arg("operands"),
        nb::sig("def fill_region(operation: enigma._mlir.ir.Operation, "
                "region: int, operations: list[enigma._mlir.ir.Operation], "
                "operands: tuple[enigma._mlir.ir.Value, ...]) -> None"),
        "Move operations to the end of the block of a region of an operation, "
        "and end it as `append_yield` does.");
}
