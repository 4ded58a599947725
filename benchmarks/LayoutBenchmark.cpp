// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Throughput of the layout algebra.
//
// Prints operations per second on rank-4 layouts.

#include "enigma/Layout/Algebra.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace enigma::layout;

static Layout parse(llvm::StringRef text) {
  Result<Layout> layout = Layout::parse(text);
  if (!layout) {
    llvm::errs() << layout.message() << '\n';
    std::exit(1);
  }
  return *layout;
}

/// Runs `operation`, which returns whether it succeeded, for about a second.
template <typename Operation>
static void measure(llvm::StringRef name, Operation operation) {
  using Clock = std::chrono::steady_clock;
  constexpr unsigned batch = 1000;
  uint64_t done = 0;
  Clock::time_point begin = Clock::now();
  std::chrono::duration<double> elapsed{};
  while (elapsed.count() < 1.0) {
    for (unsigned i = 0; i < batch; ++i)
      if (!operation()) {
        llvm::errs() << name << " failed\n";
        std::exit(1);
      }
    done += batch;
    elapsed = Clock::now() - begin;
  }
  llvm::outs() << llvm::format("%-32s %12.0f / s\n", name.str().c_str(),
                               done / elapsed.count());
}

int main() {
  Layout rowMajor = parse("(8,16,4,32):(2048,128,32,1)");
  Layout selection = parse("(4,8,2,16):(2,8,128,512)");
  Layout hierarchical =
      parse("((4,2),(8,2),4,(2,16)):((1,4),(8,64),128,(512,1024))");
  Layout tile = parse("(2,4,2,8):(1,2,8,16)");
  Tiler tiler = Tiler::tuple({Int(4), Int(4), Int(2), Int(8)});
  Layout dynamic = parse("(?,?,?,?):(?,?{div=4},?{div=4},1)");

  measure("composition",
          [&] { return bool(composition(rowMajor, selection)); });
  measure("composition, hierarchical",
          [&] { return bool(composition(hierarchical, selection)); });
  measure("composition without a layout",
          [&] { return !composition(rowMajor, parse("6:5")); });
  measure("coalesce", [&] { return coalesce(rowMajor).rank() == 4; });
  measure("complement", [&] { return bool(complement(tile, 4096)); });
  measure("right_inverse", [&] { return bool(rightInverse(rowMajor)); });
  measure("zipped_divide", [&] { return bool(zippedDivide(rowMajor, tiler)); });
  measure("zipped_divide, dynamic",
          [&] { return bool(zippedDivide(dynamic, tiler)); });
  measure("raked_product", [&] { return bool(rakedProduct(tile, rowMajor)); });
  measure("crd2idx", [&] { return bool(crd2idx(IntTuple(12345), rowMajor)); });
  measure("parse",
          [&] { return parse("(8,16,4,32):(2048,128,32,1)").rank() == 4; });
}
