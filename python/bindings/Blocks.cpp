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
}
