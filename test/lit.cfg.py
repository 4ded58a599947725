# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The lit suite: what a pass or the translation does to IR."""

import os
import sys

import lit.formats

config.name = "Enigma"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "conformance", "python"]
config.test_source_root = os.path.dirname(__file__)
config.substitutions.append(("%docs", config.enigma_docs_dir))
config.substitutions.append(("%python", sys.executable))
config.environment["PATH"] = os.pathsep.join(
    [config.enigma_tools_dir, config.llvm_tools_dir, os.environ["PATH"]]
)
config.environment["FILECHECK_OPTS"] = "--enable-var-scope --allow-unused-prefixes=false"
