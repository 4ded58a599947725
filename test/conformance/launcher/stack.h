// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Switching between stacks: what swapcontext does, less the signal mask, whose
// system calls take most of its time.

#ifndef ENIGMA_CONFORMANCE_STACK_H
#define ENIGMA_CONFORMANCE_STACK_H

#include <string.h>

/// Saves the registers that a call preserves on the running stack, stores where
/// in `*save`, and goes on where `to` was saved.
__attribute__((naked, noinline)) inline void switchStack(void **save,
                                                         void *to) {
#if defined(__x86_64__)
  asm("pushq %rbp\n"
      "pushq %rbx\n"
      "pushq %r12\n"
      "pushq %r13\n"
      "pushq %r14\n"
      "pushq %r15\n"
      "movq %rsp, (%rdi)\n"
      "movq %rsi, %rsp\n"
      "popq %r15\n"
      "popq %r14\n"
      "popq %r13\n"
      "popq %r12\n"
      "popq %rbx\n"
      "popq %rbp\n"
      "retq\n");
#elif defined(__aarch64__)
  asm("sub sp, sp, #160\n"
      "stp x19, x20, [sp, #0]\n"
      "stp x21, x22, [sp, #16]\n"
      "stp x23, x24, [sp, #32]\n"
      "stp x25, x26, [sp, #48]\n"
      "stp x27, x28, [sp, #64]\n"
      "stp x29, x30, [sp, #80]\n"
      "stp d8, d9, [sp, #96]\n"
      "stp d10, d11, [sp, #112]\n"
      "stp d12, d13, [sp, #128]\n"
      "stp d14, d15, [sp, #144]\n"
      "mov x9, sp\n"
      "str x9, [x0]\n"
      "mov sp, x1\n"
      "ldp x19, x20, [sp, #0]\n"
      "ldp x21, x22, [sp, #16]\n"
      "ldp x23, x24, [sp, #32]\n"
      "ldp x25, x26, [sp, #48]\n"
      "ldp x27, x28, [sp, #64]\n"
      "ldp x29, x30, [sp, #80]\n"
      "ldp d8, d9, [sp, #96]\n"
      "ldp d10, d11, [sp, #112]\n"
      "ldp d12, d13, [sp, #128]\n"
      "ldp d14, d15, [sp, #144]\n"
      "add sp, sp, #160\n"
      "ret\n");
#else
#error "the launcher switches stacks on x86-64 and aarch64 only"
#endif
}

/// Where to switch to for the first time to run `entry`, which never returns,
/// on the stack that ends at `top`.
inline void *firstSwitch(unsigned char *top, void (*entry)()) {
#if defined(__x86_64__)
  // Six registers, then what `ret` takes, then the place of a return address
  // that keeps the stack aligned as after a call.
  void **place = (void **)top - 8;
  memset(place, 0, 8 * sizeof(void *));
  place[6] = (void *)entry;
#else
  // x30 is where `ret` goes.
  void **place = (void **)top - 20;
  memset(place, 0, 20 * sizeof(void *));
  place[11] = (void *)entry;
#endif
  return place;
}

#endif // ENIGMA_CONFORMANCE_STACK_H
