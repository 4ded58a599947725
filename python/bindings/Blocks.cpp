// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Blocks.h"

#include "IR.h"

#include "enigma-c/Enigma.h"

namespace nb = nanobind;
using namespace enigma::python;

/// Appends a block with arguments of some types to a region; gives the block,
/// the insertion point at its end and the arguments. The location of an
/// argument is that of the operation, with the name of a variable if it has
/// one.
static nb::tuple appendBlock(const Operation &operation, intptr_t region,
                             nb::tuple types, nb::tuple names) {
  MlirRegion parent = getRegion(operation, region);
  if (types.size() != names.size())
    throw nb::value_error("a block has as many types as names");
  MlirLocation location = mlirOperationGetLocation(operation.operation);
  llvm::SmallVector<MlirType, 4> argumentTypes = getTypes(types);
  llvm::SmallVector<MlirLocation, 4> argumentLocations;
  for (nb::handle name : names)
    argumentLocations.push_back(
        name.is_none() ? location
                       : mlirLocationNameGet(operation.root->context->get(),
                                             toRef(name), location));

  MlirBlock block = mlirBlockCreate(argumentTypes.size(), argumentTypes.data(),
                                    argumentLocations.data());
  mlirRegionAppendOwnedBlock(parent, block);
  Block made = {operation.root, block};
  nb::list arguments = getArguments(made);
  return nb::make_tuple(std::move(made), InsertionPoint{operation.root, block},
                        std::move(arguments));
}

/// The block of a region of an operation, which gets one if it has none.
static MlirBlock getBlock(const Operation &operation, intptr_t region) {
  MlirRegion parent = getRegion(operation, region);
  MlirBlock block = mlirRegionGetFirstBlock(parent);
  if (mlirBlockIsNull(block)) {
    block = mlirBlockCreate(/*nArgs=*/0, /*args=*/nullptr, /*locs=*/nullptr);
    mlirRegionAppendOwnedBlock(parent, block);
  }
  return block;
}

/// Ends the block of a region with `scf.yield` of some values, at the location
/// of the operation.
static void appendYield(const Operation &operation, intptr_t region,
                        nb::tuple operands) {
  MlirBlock block = getBlock(operation, region);
  llvm::SmallVector<MlirValue, 4> values = getValues(operands);
  mlirBlockAppendOwnedOperation(
      block,
      enigmaOperationCreate(mlirOperationGetLocation(operation.operation),
                            toRef("scf.yield"), /*numResults=*/0,
                            /*results=*/nullptr, values.size(), values.data(),
                            /*numAttributes=*/0, /*attributes=*/nullptr,
                            /*numRegions=*/0));
}

/// Moves operations to the end of the block of a region, and ends it.
static void fillRegion(const Operation &operation, intptr_t region,
                       nb::list operations, nb::tuple operands) {
  MlirBlock block = getBlock(operation, region);
  for (nb::handle moved : operations)
    moveTo(operation.root, block, nb::cast<Operation &>(moved));
  appendYield(operation, region, std::move(operands));
}

void enigma::python::registerBlocks(nb::module_ &m) {
  m.def("append_block", appendBlock, nb::arg("operation"), nb::arg("region"),
        nb::arg("types"), nb::arg("names"),
        nb::sig("def append_block(operation: Operation, "
                "region: int, types: tuple[Type, ...], "
                "names: tuple[str | None, ...]) -> "
                "tuple[Block, InsertionPoint, "
                "list[Value]]"),
        "Append a block with arguments of some types to a region of an "
        "operation; gives the block, the insertion point at its end and the "
        "arguments, whose locations have the names of variables.");

  m.def("append_yield", appendYield, nb::arg("operation"), nb::arg("region"),
        nb::arg("operands"),
        nb::sig("def append_yield(operation: Operation, "
                "region: int, operands: tuple[Value, ...]) "
                "-> None"),
        "End the block of a region of an operation with `scf.yield`, at the "
        "location of the operation; a region without a block gets one.");

  m.def("fill_region", fillRegion, nb::arg("operation"), nb::arg("region"),
        nb::arg("operations"), nb::arg("operands"),
        nb::sig("def fill_region(operation: Operation, "
                "region: int, operations: list[Operation], "
                "operands: tuple[Value, ...]) -> None"),
        "Move operations to the end of the block of a region of an operation, "
        "and end it as `append_yield` does.");
}
