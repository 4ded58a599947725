// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The language server for .mlir files with the enigma dialect.

#include "../Version.h"
#include "Hover.h"

#include "enigma/Pipelines/Pipelines.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

static int serve(int argc, char **argv) {
  enigma::nameVersion();
  llvm::cl::extrahelp help(
      "\nEnigma's language server: an editor starts it for .mlir files, and "
      "talks to it over its standard input and output.\n");
  mlir::DialectRegistry registry;
  enigma::registerDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}

/// MLIR's server writes to the standard output of its process, so it has one
/// for itself, and this one completes what it writes.
int main(int argc, char **argv) {
  int ends[2];
  if (pipe(ends) != 0) {
    std::perror("enigma-lsp-server: pipe");
    return EXIT_FAILURE;
  }
  pid_t server = fork();
  if (server < 0) {
    std::perror("enigma-lsp-server: fork");
    return EXIT_FAILURE;
  }
  if (server == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    return serve(argc, argv);
  }
  close(ends[1]);
  std::FILE *written = fdopen(ends[0], "r");
  if (!written) {
    std::perror("enigma-lsp-server: fdopen");
    return EXIT_FAILURE;
  }
  enigma::addDocumentation(written, stdout);
  std::fclose(written);
  int status = 0;
  while (waitpid(server, &status, 0) < 0 && errno == EINTR)
    ;
  if (WIFSIGNALED(status))
    std::raise(WTERMSIG(status));
  return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
