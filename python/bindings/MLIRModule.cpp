// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The extension module `_mlir`: MLIR's IR, as far as Enigma uses it, and
// Enigma's passes and translation.

#include "Blocks.h"
#include "Contents.h"
#include "IR.h"
#include "OperationBuilder.h"
#include "Pipelines.h"

#include "enigma-c/Enigma.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <optional>
#include <stdexcept>
#include <string>

namespace nb = nanobind;
using namespace enigma::python;

namespace {
/// A text, and the file, line and column that its lines come from.
struct MappedText {
  std::string text;
  /// The places by their lines, or in the order of the lines.
  std::optional<nb::dict> places;
  std::optional<nb::list> placesInOrder;
  /// The file of the last line, which most lines have in common: the name,
  /// and where the context has it.
  nb::str file = nb::str("");
  const char *fileData = nullptr;
  /// Where the last line comes from, as the next one may.
  intptr_t lastLine = 0, lastColumn = 0;
  nb::object place;

  static void addText(MlirStringRef part, void *result) {
    append(part, &static_cast<MappedText *>(result)->text);
  }

  static void addPlace(intptr_t line, MlirStringRef file, intptr_t fileLine,
                       intptr_t fileColumn, void *result) {
    auto &text = *static_cast<MappedText *>(result);
    (*text.places)[nb::int_(line)] = text.getPlace(file, fileLine, fileColumn);
  }

  static void addPlaceInOrder(intptr_t line, MlirStringRef file,
                              intptr_t fileLine, intptr_t fileColumn,
                              void *result) {
    auto &text = *static_cast<MappedText *>(result);
    nb::list &places = *text.placesInOrder;
    while (static_cast<intptr_t>(places.size()) + 1 < line)
      places.append(nb::none());
    places.append(text.getPlace(file, fileLine, fileColumn));
  }

private:
  const nb::object &getPlace(MlirStringRef name, intptr_t line,
                             intptr_t column) {
    bool isSameFile = fileData == name.data;
    if (!isSameFile) {
      file = nb::str(name.data, name.length);
      fileData = name.data;
    }
    if (!isSameFile || !place.is_valid() || lastLine != line ||
        lastColumn != column) {
      place = nb::make_tuple(file, line, column);
      lastLine = line;
      lastColumn = column;
    }
    return place;
  }
};
} // namespace

NB_MODULE(_mlir, m) {
  // Objects of a context that is kept are alive when Python ends.
  nb::set_leak_warnings(false);
  m.doc() = "MLIR's IR, and Enigma's passes and translation";
  enigmaRegisterPassesAndPipelines();

  registerIR(m);

  m.def(
      "layout_of",
      [](const Type &type) {
        std::string text;
        enigmaTypeGetLayout(type.type, append, &text);
        return text;
      },
      nb::arg("type"),
      "The layout of a layout type or a tensor, as the algebra writes it.");

  m.def(
      "threadgroup_bytes",
      [](const Operation &kernel) {
        return enigmaKernelGetThreadgroupBytes(kernel.operation);
      },
      nb::arg("kernel"),
      "The bytes of threadgroup memory that a kernel declares.");

  m.def(
      "translate_to_msl",
      [](const Operation &operation, std::optional<nb::list> sourceMap) {
        MappedText result;
        result.placesInOrder = std::move(sourceMap);
        if (mlirLogicalResultIsFailure(enigmaTranslateToMSL(
                operation.operation, MappedText::addText,
                result.placesInOrder ? MappedText::addPlaceInOrder : nullptr,
                &result)))
          throw std::runtime_error("the kernel cannot be translated to MSL");
        return result.text;
      },
      nb::arg("op"), nb::arg("source_map").none() = nb::none(),
      nb::sig("def translate_to_msl(op: Operation, "
              "source_map: list[tuple[str, int, int] | None] | None = None) "
              "-> str"),
      "The MSL source of a module or kernel in flat form. The list source_map "
      "gets the file, line and column that each line of the text comes from, "
      "and None for one that comes from none, up to the last one that does. On "
      "failure the context's diagnostic handlers receive the error, and "
      "RuntimeError is raised.");

  m.def(
      "print_with_origins",
      [](const Operation &operation, nb::dict sourceMap) {
        MappedText result;
        result.places = std::move(sourceMap);
        enigmaPrintWithOrigins(operation.operation, MappedText::addText,
                               MappedText::addPlace, &result);
        return result.text;
      },
      nb::arg("op"), nb::arg("source_map"),
      nb::sig("def print_with_origins(op: Operation, "
              "source_map: dict[int, tuple[str, int, int]]) -> str"),
      "The text of an operation, with the names of Python's variables. The "
      "dict source_map gets the file, line and column that the operation on a "
      "line of the text, counted from 1, comes from.");

  m.def(
      "msl_version",
      [](const Operation &operation) {
        MlirStringRef version = enigmaGetMSLVersion(operation.operation);
        return std::string(version.data, version.length);
      },
      nb::arg("op"),
      "The least version of MSL that the text of a module or kernel in flat "
      "form needs.");

  m.def(
      "warn_of_fast_math",
      [](const Operation &operation) {
        enigmaWarnOfFastMath(operation.operation);
      },
      nb::arg("op"),
      "Warns, in the context's diagnostic handlers, of what a module in clean "
      "form computes with NaN and infinities.");

  registerBlocks(m);
  registerContents(m);
  registerOperationBuilder(m);
  registerPipelines(m);
}
